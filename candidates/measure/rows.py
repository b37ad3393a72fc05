"""Open rows of the second part of the mouse ledger that a change of the model can stand for.

python3 candidates/measure/rows.py PROGRAM MODEL prints what each row reports, what the model gives on both
backgrounds, and whether the sign agrees (a day of life counts, a fiftieth of neurons). The map from an
experiment to a change, its strength and its start are assumed and written beside it. Needs Python 3.11.
"""

import csv
import os
import subprocess
import sys
import tempfile

from table import PRESETS, arm, give, hold, off, scale

DOSES = ("motor_neurons", "microglia", "macrophages", "astrocytes", "oligodendrocytes", "gut")
# row, what it reports, feature, published sign, map, changes
ROWS = [
    ("M2-06", "IGF-1 of muscle: life", "life", "+", "reinnervation x 1.5", [scale("process.neurons_reinnervate_fast", 1.5),
     scale("process.neurons_reinnervate_other", 1.5)]),
    ("M2-16", "Nrf2 in astrocytes: life", "life", "+", "astrocytes with 0.2 of SOD1", [give("sod1-lowering-astrocytes", "0.8")]),
    ("M2-22", "antisense: life", "life", "+", "SOD1 x 0.7 from 50 d", [give("sod1-lowering", "0.3", "50 d")]),
    ("M2-31", "no SOD1 in oligodendroglia: onset", "onset", "+ structure", "as the row", [give("sod1-lowering-oligodendrocytes", "1")]),
    ("M2-31", "no SOD1 in oligodendroglia: life", "life", "+ structure", "as the row", [give("sod1-lowering-oligodendrocytes", "1")]),
    ("M2-38", "no Bax: life", "life", "+ structure", "as the row", [give("knock-out-bax", "1")]),
    ("M2-42", "no IL-6: life", "life", "0 fitted", "as the row", [give("knock-out-il6", "1")]),
    ("S2-25", "no TNF: life", "life", "0 fitted", "as the row", [give("knock-out-tnf", "1")]),
    ("S2-24", "no TLR4: life", "life", "+", "as the row", [give("knock-out-tlr4", "1")]),
    ("S2-26", "no IL-1β: life", "life", "+", "as the row", [give("knock-out-il1b", "1")]),
    ("M2-48", "dividing microglia halved: neurons", "neurons", "0 fitted", "division x 0.5 from 90 d",
     [scale("process.microglia_amplify", 0.5, "90 d")]),
    ("M2-49", "dividing cells killed: life", "life", "- structure", "division x 0.1 from 90 d",
     [scale("process.microglia_amplify", 0.1, "90 d")]),
    ("M2-54", "other peripheral myeloid cells: onset", "onset", "+ structure", "nerve macrophages without SOD1", [give("low-harm-macrophages", "1", "30 d")]),
    ("M2-54", "other peripheral myeloid cells: life", "life", "+ structure", "nerve macrophages without SOD1", [give("low-harm-macrophages", "1", "30 d")]),
    ("M2-56", "MyD88-less marrow: life", "life", "-", "no sensing of endotoxin from 60 d", [give("knock-out-tlr4", "1", "60 d")]),
    ("M2-69", "no CD4 cells: life", "life", "- structure", "as the row", [give("knock-out-cd4", "1")]),
    ("S2-17", "no T and B cells: life", "life", "-", "as the row", [give("knock-out-rag2", "1")]),
    ("M2-71", "no CD8 cells: neurons", "neurons", "+", "as the row", [give("cd8-depletion", "1", "60 d")]),
    ("M2-74", "thalidomide: life", "life", "+", "TNF x 0.5 from 40 d", [scale("process.phagocytes_make_tnf", 0.5, "40 d")]),
    ("M2-94", "antibody against Ly6C: life", "life", "+", "nerve macrophages x 0.5 from 60 d",
     [scale("process.macrophages_gather_in_nerve", 0.5, "60 d")]),
    ("M2-96", "TGF-β1 of astrocytes: life", "life", "- structure", "twice the normal amount", [give("astrocytic-tgf-beta", "1")]),
    ("S2-01", "low-dose antibiotics: life", "life", "-", "4 /d from 42 d", [give("antibiotics", "4 1/day", "42 d")]),
    ("S2-01", "low-dose antibiotics: onset", "onset", "0", "4 /d from 42 d", [give("antibiotics", "4 1/day", "42 d")]),
    ("M2-102", "germ-free: life", "life", "- structure", "antibiotics 50 /d from birth", [give("antibiotics", "50 1/day")]),
    ("M2-125", "nicotinamide riboside: life", "life", "+ structure", "five times the normal amount from 60 d", [give("nicotinamide", "5", "60 d")]),
    ("M2-155", "NBQX: life", "life", "+", "glutamate x 0.7 from 60 d", [hold("parameter.riluzole_block", 0.3, "60 d")]),
    ("M2-156", "more Ca-permeable AMPA receptors: life", "life", "-", "EAAT2 x 0.5", [scale("process.eaat2_is_made", 0.5)]),
    ("M2-37", "SOD1 in muscle alone: junctions at 300 d", "junctions", "- structure", "no SOD1 elsewhere",
     [hold(f"parameter.sod1_in_{cell}", 0.0) for cell in DOSES]),
]


def main():
    program, model = sys.argv[1:3]
    text = '[[arm]]\nname = "control"\n[[arm]]\nname = "wild type"\n'
    text += '  [[arm.perturbation]]\n  target = "parameter.transgene_copies"\n  action = "set"\n  value = 0\n  start = "birth"\n  stop = "end"\n'
    for number, row in enumerate(ROWS):
        text += arm(f"r{number}", row[5])
    features = '"neurons = observable motor_neurons at 115 d", "junctions = observable fast_junctions at 300 d"'
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for preset in PRESETS:
            scenario, output = os.path.join(folder, "r.toml"), os.path.join(folder, "out")
            with open(scenario, "w") as file:
                file.write(
                    f'schema = 1\n[subject]\npreset = "{preset}"\n[simulation]\nstart = "21 d"\nstop = "600 d"\n'
                    f'every = "1 d"\n{text}[sweep]\ndesign = "list"\nfeatures = [{features}]\n'
                    '  [[sweep.factor]]\n  target = "solver.rtol"\n  values = [1e-6]\n'
                )
            subprocess.run(
                [program, "sweep", scenario, "--model", model, "-o", output, "--force", "--format", "csv", "--no-sync",
                 "--threads", "1", "--max-failures", "100%", "-q"], check=False,
            )
            with open(os.path.join(output, "sweep.csv")) as file:
                found.append({row["arm"]: row for row in csv.DictReader(file)})
    column = {"life": "last_d", "onset": "onset_d", "neurons": "neurons", "junctions": "junctions"}
    counts = {}
    print("| row | what | published | B6SJL, C57BL/6 | map | verdict |\n|---|---|---|---|---|---|")
    for number, (row, what, feature, published, says, _) in enumerate(ROWS):
        against = "wild type" if feature == "junctions" else "control"
        changes = [
            float(rows[f"r{number}"][column[feature]] or "nan") - float(rows[against][column[feature]]) for rows in found
        ]
        sign, _, kind = published.partition(" ")
        margin = 3.0 if sign == "0" else 1.0
        agrees = {"+": min(changes) > margin, "-": max(changes) < -margin, "0": max(map(abs, changes)) < margin}[sign]
        weak = {"+": min(changes) > 0, "-": max(changes) < 0, "0": False}[sign]
        verdict = "agrees" if agrees else "sign right, below the margin" if weak else "disagrees"
        counts.setdefault(kind or "open", {}).setdefault(verdict, []).append(row)
        unit = "d" if feature in ("life", "onset") else "%"
        print(f"| {row} | {what} | {sign} | {changes[0]:+.1f}, {changes[1]:+.1f} {unit} | {says} | {verdict}{', ' + kind if kind else ''} |")
    for kind, verdicts in counts.items():
        print(f"{kind}: " + ", ".join(f"{len(rows)} {verdict}" for verdict, rows in verdicts.items()))


if __name__ == "__main__":
    main()
