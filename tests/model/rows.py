"""Rows of evidence that a change of the model can stand for, and whether the sign comes out."""

from lives import BACKGROUNDS, NAMES, arm, give, hold, number, scale, signed

NOT_IN_MUSCLE = ("motor_neurons", "microglia", "macrophages", "astrocytes", "oligodendrocytes", "gut")
# Row, what it reports, feature, published sign, how it was used, map, changes.
ROWS = [
    ("M2-06", "IGF-1 of muscle: life", "life", "+", "open", "reinnervation × 1.5",
     [scale("process.neurons_reinnervate_fast", 1.5), scale("process.neurons_reinnervate_other", 1.5)]),
    ("M2-16", "Nrf2 in astrocytes: life", "life", "+", "open", "astrocytes with 0.2 of SOD1",
     [give("sod1-lowering-astrocytes", "0.8")]),
    ("M2-22", "antisense: life", "life", "+", "open", "SOD1 × 0.7 from 50 d", [give("sod1-lowering", "0.3", "50 d")]),
    ("M2-31", "no SOD1 in oligodendroglia: onset", "onset", "+", "structure", "as the row",
     [give("sod1-lowering-oligodendrocytes", "1")]),
    ("M2-31", "no SOD1 in oligodendroglia: life", "life", "+", "structure", "as the row",
     [give("sod1-lowering-oligodendrocytes", "1")]),
    ("M2-38", "no Bax: life", "life", "+", "structure", "as the row", [give("knock-out-bax", "1")]),
    ("M2-42", "no IL-6: life", "life", "0", "fitted", "as the row", [give("knock-out-il6", "1")]),
    ("S2-25", "no TNF: life", "life", "0", "fitted", "as the row", [give("knock-out-tnf", "1")]),
    ("S2-24", "no TLR4: life", "life", "+", "open", "as the row", [give("knock-out-tlr4", "1")]),
    ("S2-26", "no IL-1β: life", "life", "+", "open", "as the row", [give("knock-out-il1b", "1")]),
    ("M2-48", "dividing microglia halved: neurons", "neurons", "0", "fitted", "division × 0.5 from 90 d",
     [scale("process.microglia_amplify", 0.5, "90 d")]),
    ("M2-49", "dividing cells killed: life", "life", "-", "structure", "division × 0.1 from 90 d",
     [scale("process.microglia_amplify", 0.1, "90 d")]),
    ("M2-54", "other peripheral myeloid cells: onset", "onset", "+", "structure", "nerve macrophages without SOD1",
     [give("low-harm-macrophages", "1", "30 d")]),
    ("M2-54", "other peripheral myeloid cells: life", "life", "+", "structure", "nerve macrophages without SOD1",
     [give("low-harm-macrophages", "1", "30 d")]),
    ("M2-56", "MyD88-less marrow: life", "life", "-", "open", "no sensing of endotoxin from 60 d",
     [give("knock-out-tlr4", "1", "60 d")]),
    ("M2-69", "no CD4 cells: life", "life", "-", "structure", "as the row", [give("knock-out-cd4", "1")]),
    ("S2-17", "no T and B cells: life", "life", "-", "open", "as the row", [give("knock-out-rag2", "1")]),
    ("M2-71", "no CD8 cells: neurons", "neurons", "+", "open", "as the row", [give("cd8-depletion", "1", "60 d")]),
    ("M2-74", "thalidomide: life", "life", "+", "open", "TNF × 0.5 from 40 d",
     [scale("process.phagocytes_make_tnf", 0.5, "40 d")]),
    ("M2-94", "antibody against Ly6C: life", "life", "+", "open", "nerve macrophages × 0.5 from 60 d",
     [scale("process.macrophages_gather_in_nerve", 0.5, "60 d")]),
    ("M2-96", "TGF-β1 of astrocytes: life", "life", "-", "structure", "twice the normal amount",
     [give("astrocytic-tgf-beta", "1")]),
    ("S2-01", "low-dose antibiotics: life", "life", "-", "open", "4 /d from 42 d", [give("antibiotics", "4 1/day", "42 d")]),
    ("S2-01", "low-dose antibiotics: onset", "onset", "0", "open", "4 /d from 42 d", [give("antibiotics", "4 1/day", "42 d")]),
    ("M2-102", "germ-free: life", "life", "-", "structure", "antibiotics 50 /d from birth", [give("antibiotics", "50 1/day")]),
    ("M2-125", "nicotinamide riboside: life", "life", "+", "structure", "five times the normal amount from 60 d",
     [give("nicotinamide", "5", "60 d")]),
    ("M2-155", "NBQX: life", "life", "+", "open", "glutamate × 0.7 from 60 d",
     [hold("parameter.riluzole_block", 0.3, "60 d")]),
    ("M2-156", "more Ca-permeable AMPA receptors: life", "life", "-", "open", "EAAT2 × 0.5",
     [scale("process.eaat2_is_made", 0.5)]),
    ("M2-37", "SOD1 in muscle alone: junctions at 300 d", "junctions", "-", "structure", "no SOD1 elsewhere",
     [hold(f"parameter.sod1_in_{cell}", 0.0) for cell in NOT_IN_MUSCLE]),
]
COLUMN = {"life": "last_d", "onset": "onset_d", "neurons": "neurons", "junctions": "junctions"}
FEATURES = ["neurons = observable motor_neurons at 115 d", "junctions = observable fast_junctions at 300 d"]


def verdict(sign, changes):
    """A day of life or a whole per cent counts; where nothing is expected, three."""
    low, high = min(changes), max(changes)
    agrees = {"+": low > 1, "-": high < -1, "0": -3 < low and high < 3}[sign]
    weak = {"+": low > 0, "-": high < 0, "0": False}[sign]
    return "agrees" if agrees else "sign right, below the margin" if weak else "disagrees"


def section(program):
    arms = arm("control") + arm("wild type", [hold("parameter.transgene_copies", 0)])
    arms += "".join(arm(f"r{index}", row[-1]) for index, row in enumerate(ROWS))
    found = [program.arms(preset, 600, arms, every=1, features=FEATURES) for preset in BACKGROUNDS]
    out = [
        "## Rows of evidence that one change can stand for\n",
        "A day of life counts, or a whole per cent of neurons or junctions; where nothing is expected, 3 d. The map "
        "from an experiment to a change, its strength and its start are assumed. *Fitted* rows bound the fit, rows of "
        "*structure* shaped the equations; *open* ones did neither.\n",
        "| row | what | published | " + ", ".join(NAMES) + " | map | use | verdict |",
        "|---|---|---|---|---|---|---|",
    ]
    counts = {}
    for index, (row, what, feature, sign, use, says, _) in enumerate(ROWS):
        against, column = "wild type" if feature == "junctions" else "control", COLUMN[feature]
        changes = [number(rows[f"r{index}"][column]) - number(rows[against][column]) for rows in found]
        said = verdict(sign, changes)
        counts.setdefault(use, {}).setdefault(said, []).append(row)
        unit = "d" if feature in ("life", "onset") else "%"
        shown = sign.replace("-", "−")
        out.append(f"| {row} | {what} | {shown} | {signed(changes[0])}, {signed(changes[1])} {unit} | {says} | {use} | {said} |")
    out.append("")
    for use in sorted(counts):
        out.append(f"- {use}: " + ", ".join(f"{len(rows)} {said}" for said, rows in counts[use].items()))
    return "\n".join(out) + "\n"
