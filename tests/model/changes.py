"""What single changes do to onset, life, motor neurons and weight."""

import rows
from lives import BACKGROUNDS, NAMES, arm, give, hold, life, number, off, scale, signed

CYTOKINES = [("IL-6", "il6"), ("TNF", "tnf"), ("IL-1β", "il1b"), ("IL-17A", "il17")]
CHANGES = [
    ("butyrate 2 % from 38 d", [give("butyrate-water", "2 %", "38 d")]),
    *[(f"no {name}", [give(f"knock-out-{gene}", "1")]) for name, gene in CYTOKINES],
    ("none of the four", [give(f"knock-out-{gene}", "1") for _, gene in CYTOKINES]),
    ("no TLR4", [give("knock-out-tlr4", "1")]),
    ("plasma endotoxin at 0 from 40 d", [hold("species.lps_plasma", '"0 EU/ml"', "40 d")]),
    ("enterobacteria do not grow", [off("process.enterobacteria_ferment_sugar")]),
    ("dividing microglia halved from 60 d", [scale("process.microglia_amplify", 0.5, "60 d")]),
    ("division of microglia abolished", [off("process.microglia_amplify")]),
    ("no T and B cells (RAG2)", [give("knock-out-rag2", "1")]),
    ("no CD4 cells", [give("knock-out-cd4", "1")]),
    ("no CD8 cells", [give("cd8-depletion", "1")]),
    ("wild-type marrow", [give("wild-type-marrow", "1", "5 d")]),
    ("macrophages of the nerve without SOD1", [give("low-harm-macrophages", "1", "5 d")]),
    ("astrocytes with 0.2 of SOD1", [give("sod1-lowering-astrocytes", "0.8")]),
    ("microglia with 0.2 of SOD1", [give("sod1-lowering-microglia", "0.8")]),
    ("motor neurons with 0.7 of SOD1", [give("sod1-lowering-motor-neurons", "0.3")]),
    ("oligodendrocytes without SOD1", [give("sod1-lowering-oligodendrocytes", "1")]),
    ("no Bax", [give("knock-out-bax", "1")]),
    ("antibiotics 3 /d from 42 d", [give("antibiotics", "3 1/day", "42 d")]),
    ("antibiotics 15 /d from 42 d", [give("antibiotics", "15 1/day", "42 d")]),
    ("antibiotics 50 /d from birth", [give("antibiotics", "50 1/day")]),
    ("calories × 0.6 from 40 d", [give("calorie-restriction", "0.4", "40 d")]),
    ("EAAT2 made twice as fast", [scale("process.eaat2_is_made", 2.0)]),
    ("EAAT2 made half as fast", [scale("process.eaat2_is_made", 0.5)]),
    ("riluzole 22 mg/kg/d from 60 d", [give("riluzole", "22 mg/kg/day", "60 d")]),
    ("nicotinamide × 5 from 60 d", [give("nicotinamide", "5", "60 d")]),
    *[(f"fibre × {it:g} from 40 d", [scale("parameter.fibre_in_diet", it, "40 d")]) for it in (0.0, 0.2, 0.5, 2.0, 5.0)],
    *[(f"GOS {it} mmol/d from 38 d", [give("prebiotic-gos", f"{it} mmol/day", "38 d")]) for it in (0.3, 1, 4, 10)],
    *[(f"Treg {it} pools/d from 38 d", [give("treg-transfer", f"{it} 1/day", "38 d")]) for it in (0.2, 1)],
]
COPIES = [25, 18, 12, 10, 9, 8, 6, 4]
FEATURES = ["neurons = observable motor_neurons at 120 d", "weight = observable weight at 100 d"]


def rounded(value, digits):
    return "–" if value != value else f"{value:.{digits}f}"


def state(row):
    return f"{rounded(number(row['neurons']), 0)} | {rounded(number(row['weight']), 1)}"


def page(program):
    arms = arm("control") + "".join(arm(name, changes) for name, changes in CHANGES)
    arms += "".join(arm(f"{it} copies", [hold("parameter.transgene_copies", it)]) for it in COPIES)
    found = [program.arms(preset, 1000, arms, every=1, features=FEATURES) for preset in BACKGROUNDS]
    columns = " | ".join(f"{name}: onset, d | life, d | neurons, % | weight, g" for name in NAMES)
    rule = "|---" * 9 + "|"
    out = [
        "# Single changes\n",
        "One animal of each background for each change. Onset and life are days against the untreated animal; motor "
        "neurons that are left are those of day 120 (– if the animal is dead), the weight is that of day 100.\n",
        f"| change | {columns} |",
        rule,
    ]
    for name, _ in CHANGES:
        cells = []
        for rows_of in found:
            row, control = rows_of[name], rows_of["control"]
            later = signed(life(row) - life(control)) if row["event"] == "death" else "alive"
            cells.append(f"{signed(number(row['onset_d']) - number(control['onset_d']))} | {later} | {state(row)}")
        out.append(f"| {name} | {' | '.join(cells)} |")
    out += ["\nCopies of the transgene: ages of onset and death.\n", f"| copies | {columns.replace('life', 'death')} |", rule]
    for copies in COPIES:
        cells = []
        for rows_of in found:
            row = rows_of[f"{copies} copies"]
            death = f"{life(row):.1f}" if row["event"] == "death" else "alive"
            cells.append(f"{rounded(number(row['onset_d']), 1)} | {death} | {state(row)}")
        out.append(f"| {copies} | {' | '.join(cells)} |")
    return "\n".join(out) + "\n\n" + rows.section(program)
