"""What single changes do to onset, life, motor neurons and weight."""

import rows
from lives import BACKGROUNDS, NAMES, arm, give, hold, life, number, off, scale, signed

CYTOKINES = ("il6", "tnf", "il1b", "il17")
# Change, published effect on life (d unless it says more), that in version 0.1.0 (d of life, B6SJL / C57BL/6), how.
CHANGES = [
    ("butyrate 2 % from 38 d", "+38 (S1-29)", "+27.9 / +43.1", [give("butyrate-water", "2 %", "38 d")]),
    ("no IL-6", "0 (M2-42)", "+31.9 / +46.4", [give("knock-out-il6", "1")]),
    ("no TNF", "0 (S2-25)", "+13.0 / +18.0", [give("knock-out-tnf", "1")]),
    ("no IL-1β", "+ (S2-26)", "+4.7 / +6.5", [give("knock-out-il1b", "1")]),
    ("no IL-17A", "", "+8.2 / +11.6", [give("knock-out-il17", "1")]),
    ("none of the four", "", "+83.7 / +128.7", [give(f"knock-out-{gene}", "1") for gene in CYTOKINES]),
    ("no TLR4", "small + (S2-24, M2-57)", "+117.7 / +188.4", [give("knock-out-tlr4", "1")]),
    ("plasma endotoxin at 0 from 40 d", "", "+94.0 / +150.5", [hold("species.lps_plasma", '"0 EU/ml"', "40 d")]),
    ("enterobacteria do not grow", "", "+82.4 / +125.2", [off("process.enterobacteria_ferment_sugar")]),
    ("dividing microglia halved from 60 d", "neurons 0 (M2-48)", "+42.1 / +68.4, neurons 56 to 69 %",
     [scale("process.microglia_amplify", 0.5, "60 d")]),
    ("division of microglia abolished", "worse (M2-49)", "+266 / +301", [off("process.microglia_amplify")]),
    ("no T and B cells (RAG2)", "−16 (S2-17), 0 (S2-20)", "−13.2 / −19.4, onset −8 / −11", [give("knock-out-rag2", "1")]),
    ("no CD4 cells", "worse (M2-69)", "−2.7 / −4.4", [give("knock-out-cd4", "1")]),
    ("no CD8 cells", "neurons saved (M2-71)", "0.0 / 0.0", [give("cd8-depletion", "1")]),
    ("wild-type marrow", "+11 (M2-09)", "", [give("wild-type-marrow", "1", "5 d")]),
    ("macrophages of the nerve without SOD1", "+ (M2-54)", "", [give("low-harm-macrophages", "1", "5 d")]),
    ("astrocytes with 0.2 of SOD1", "course + (M2-35)", "", [give("sod1-lowering-astrocytes", "0.8")]),
    ("microglia with 0.2 of SOD1", "course + (M2-01)", "", [give("sod1-lowering-microglia", "0.8")]),
    ("motor neurons with 0.7 of SOD1", "onset + (M2-01)", "", [give("sod1-lowering-motor-neurons", "0.3")]),
    ("oligodendrocytes without SOD1", "+ (M2-31)", "", [give("sod1-lowering-oligodendrocytes", "1")]),
    ("no Bax", "+ (M2-38)", "", [give("knock-out-bax", "1")]),
    ("antibiotics 3 /d from 42 d", "−18, onset 0 (S2-01)", "+0.4 / +0.5", [give("antibiotics", "3 1/day", "42 d")]),
    ("antibiotics 15 /d from 42 d", "", "+14.0 / +13.6", [give("antibiotics", "15 1/day", "42 d")]),
    ("antibiotics 50 /d from birth", "worse (S2-04)", "+10.2 / +9.3", [give("antibiotics", "50 1/day")]),
    ("calories × 0.6 from 40 d", "−8, onset −11 (M2-134)", "by energy 0.0", [give("calorie-restriction", "0.4", "40 d")]),
    ("EAAT2 made twice as fast", "", "0.0", [scale("process.eaat2_is_made", 2.0)]),
    ("EAAT2 made half as fast", "", "0.0", [scale("process.eaat2_is_made", 0.5)]),
    ("riluzole 22 mg/kg/d from 60 d", "0 (S2-31)", "0.0 / +0.2", [give("riluzole", "22 mg/kg/day", "60 d")]),
    ("nicotinamide × 5 from 60 d", "+ (M2-125)", "", [give("nicotinamide", "5", "60 d")]),
    *[(f"fibre × {factor:g} from 40 d", "", f"{before} on B6SJL", [scale("parameter.fibre_in_diet", factor, "40 d")])
      for factor, before in ((0.0, "+15"), (0.2, "−10"), (0.5, "−6"), (2.0, "+6"), (5.0, "−6"))],
    *[(f"GOS {dose} mmol/d from 38 d", "+ (S2-10)", f"{before} on B6SJL", [give("prebiotic-gos", f"{dose} mmol/day", "38 d")])
      for dose, before in ((0.3, "+13"), (1, "+37"), (4, "+104"), (10, "+127"))],
    *[(f"Treg {dose} pools/d from 38 d", "+ (S2-21)", f"{before} on B6SJL", [give("treg-transfer", f"{dose} 1/day", "38 d")])
      for dose, before in ((0.2, "+80"), (1, "+298"))],
]
# Copies of the transgene, published ages, deaths in version 0.1.0.
COPIES = [
    (25, "onset 100 and 111, death 130 and 160 (S1-01, S1-07, S1-11)", "132.6 / 158.6"),
    (18, "onset 121, death 170 (S1-14)", "168 on B6SJL"),
    (12, "", ""),
    (10, "", ""),
    (9, "onset 365, death 456 (S1-15)", "359 / 490"),
    (8, "", "462 / 823"),
    (6, "", "alive"),
    (4, "74 % ill at 18 months (S1-17)", "alive"),
]
FEATURES = ["neurons = observable motor_neurons at 120 d", "weight = observable weight at 100 d"]


def rounded(value, digits):
    return "–" if value != value else f"{value:.{digits}f}"


def state(row):
    return f"{rounded(number(row['neurons']), 0)} | {rounded(number(row['weight']), 1)}"


def page(program):
    arms = arm("control") + "".join(arm(name, how) for name, _, _, how in CHANGES)
    arms += "".join(arm(f"{copies} copies", [hold("parameter.transgene_copies", copies)]) for copies, _, _ in COPIES)
    found = [program.arms(preset, 1000, arms, every=1, features=FEATURES) for preset in BACKGROUNDS]
    columns = " | ".join(f"{name}: onset, d | life, d | neurons, % | weight, g" for name in NAMES)
    rule = "|---" * 11 + "|"
    out = [
        "# Single changes\n",
        "One animal of each background for each change. Onset and life are days against the untreated animal; motor "
        "neurons that are left are those of day 120 (– if the animal is dead), the weight is that of day 100. Beside "
        "them what is published, and what version 0.1.0 gave (life, B6SJL / C57BL/6).\n",
        f"| change | published | 0.1.0 | {columns} |",
        rule,
    ]
    for name, published, before, _ in CHANGES:
        cells = []
        for rows_of in found:
            row, control = rows_of[name], rows_of["control"]
            later = signed(life(row) - life(control)) if row["event"] == "death" else "alive"
            cells.append(f"{signed(number(row['onset_d']) - number(control['onset_d']))} | {later} | {state(row)}")
        out.append(f"| {name} | {published} | {before} | {' | '.join(cells)} |")
    columns = columns.replace("life", "death")
    out += ["\nCopies of the transgene: ages of onset and death.\n", f"| copies | published | 0.1.0 | {columns} |", rule]
    for copies, published, before in COPIES:
        cells = []
        for rows_of in found:
            row = rows_of[f"{copies} copies"]
            death = f"{life(row):.1f}" if row["event"] == "death" else "alive"
            cells.append(f"{rounded(number(row['onset_d']), 1)} | {death} | {state(row)}")
        out.append(f"| {copies} | {published} | {before} | {' | '.join(cells)} |")
    return "\n".join(out) + "\n\n" + rows.section(program)
