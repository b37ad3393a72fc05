"""What single changes do to life: the table of faults of the first model, on any model.

python3 candidates/measure/table.py PROGRAM MODEL prints days of onset and life against an untreated
animal on both backgrounds, motor neurons left at 120 d and weight at 100 d. A change that a model has
as an intervention is given as one, else as the nearest change of a process. Needs Python 3.11.
"""

import csv
import glob
import os
import subprocess
import sys
import tempfile
import tomllib

PRESETS = ("mouse-g93a-b6sjl", "mouse-g93a-c57bl6")


def names(model):
    found = set()
    for path in glob.glob(os.path.join(model, "*.toml")):
        with open(path, "rb") as file:
            document = tomllib.load(file)
        for kind in ("intervention", "process", "parameter"):
            found |= {f"{kind}.{name}" for name in document.get(kind, {})}
    return found


def give(kind, dose, start="birth"):
    return ("give", kind, dose, start)


def off(target):
    return ("change", target, "off", None, "birth")


def scale(target, factor, start="birth"):
    return ("change", target, "scale", factor, start)


def hold(target, value, start="birth"):
    return ("change", target, "set", value, start)


CYTOKINES = [("il6", "phagocytes_make_il6"), ("tnf", "phagocytes_make_tnf"), ("il1b", "phagocytes_make_il1b"),
             ("il17", "th17_cells_make_il17")]
ROWS = [
    ("butyrate 2 % from 38 d", [[give("butyrate-water", "2 %", "38 d")]]),
    *[(f"no {gene}", [[give(f"knock-out-{gene}", "1")], [off(f"process.{made}")]]) for gene, made in CYTOKINES],
    ("all four cytokines off", [[give(f"knock-out-{g}", "1") for g, _ in CYTOKINES],
                                [off(f"process.{made}") for _, made in CYTOKINES]]),
    ("no TLR4", [[give("knock-out-tlr4", "1")],
                 [hold("species.lps_plasma", '"0 EU/ml"'), off("process.endotoxin_activates_nfkb_ileum"),
                  off("process.endotoxin_activates_nfkb_colon")]]),
    ("plasma LPS 0 from 40 d", [[hold("species.lps_plasma", '"0 EU/ml"', "40 d")]]),
    ("enterobacteria do not grow", [[off("process.enterobacteria_ferment_sugar")]]),
    ("dividing microglia halved from 60 d", [[scale("process.microglia_amplify", 0.5, "60 d")]]),
    ("division of microglia abolished", [[off("process.microglia_amplify")]]),
    ("no T and B cells (RAG2)", [[give("knock-out-rag2", "1")],
                                 [off("process.cd4_cells_infiltrate"), off("process.cd8_cells_infiltrate"),
                                  off("process.th17_cells_arise"), off("process.treg_cells_arise")]]),
    ("no CD4 cells", [[give("knock-out-cd4", "1")], [off("process.cd4_cells_infiltrate")]]),
    ("no CD8 cells", [[give("cd8-depletion", "1")], [off("process.cd8_cells_infiltrate")]]),
    ("wild-type marrow", [[give("wild-type-marrow", "1", "5 d")]]),
    ("macrophages of the nerve wild type", [[give("low-harm-macrophages", "1", "5 d")]]),
    ("astrocytes with 0.2 of SOD1", [[give("sod1-lowering-astrocytes", "0.8")]]),
    ("microglia with 0.2 of SOD1", [[give("sod1-lowering-microglia", "0.8")]]),
    ("motor neurons with 0.7 of SOD1", [[give("sod1-lowering-motor-neurons", "0.3")]]),
    ("oligodendrocytes without SOD1", [[give("sod1-lowering-oligodendrocytes", "1")]]),
    ("no Bax", [[give("knock-out-bax", "1")]]),
    ("antibiotics 3 /d from 42 d", [[give("antibiotics", "3 1/day", "42 d")]]),
    ("antibiotics 15 /d from 42 d", [[give("antibiotics", "15 1/day", "42 d")]]),
    ("antibiotics 50 /d from birth", [[give("antibiotics", "50 1/day")]]),
    ("calories x 0.6 from 40 d", [[give("calorie-restriction", "0.4", "40 d")],
                                  [scale("parameter.bulbar_share", 1.0), scale("process.body_grows", 0.6, "40 d")]]),
    ("EAAT2 made twice as fast", [[scale("process.eaat2_is_made", 2.0)]]),
    ("EAAT2 made half as fast", [[scale("process.eaat2_is_made", 0.5)]]),
    ("riluzole 22 mg/kg/d from 60 d", [[give("riluzole", "22 mg/kg/day", "60 d")]]),
    ("nicotinamide x 5 from 60 d", [[give("nicotinamide", "5", "60 d")]]),
    *[(f"fibre x {f:g} from 40 d", [[scale("parameter.fibre_in_diet", f, "40 d")]]) for f in (0.0, 0.2, 0.5, 2.0, 5.0)],
    *[(f"butyrate {d} % from 38 d", [[give("butyrate-water", f"{d} %", "38 d")]]) for d in (0.5, 1, 4, 6, 8, 20, 50)],
    *[(f"GOS {d} mmol/d from 38 d", [[give("prebiotic-gos", f"{d} mmol/day", "38 d")]]) for d in (0.3, 1, 4, 10)],
    *[(f"Treg {d} pools/d from 38 d", [[give("treg-transfer", f"{d} 1/day", "38 d")]]) for d in (0.2, 1)],
    *[(f"{c} copies", [[hold("parameter.transgene_copies", c)]]) for c in (18, 12, 10, 9, 8, 6, 4)],
]


def arm(name, changes):
    text = f'[[arm]]\nname = "{name}"\n'
    for change in changes:
        if change[0] == "give":
            _, kind, dose, start = change
            text += f'  [[arm.intervention]]\n  kind = "{kind}"\n  dose = "{dose}"\n  start = "{start}"\n'
        else:
            _, target, action, value, start = change
            text += f'  [[arm.perturbation]]\n  target = "{target}"\n  action = "{action}"\n  start = "{start}"\n'
            text += "  stop = \"end\"\n" if action != "off" else ""
            text += f"  value = {value}\n" if value is not None else ""
    return text


def known(changes, declared):
    return all(
        (f"intervention.{c[1]}" if c[0] == "give" else c[1]) in declared or c[1].startswith("species.") for c in changes
    )


def main():
    program, model = sys.argv[1:3]
    declared, text, asked = names(model), '[[arm]]\nname = "control"\n', []
    for name, ways in ROWS:
        way = next((w for w in ways if known(w, declared)), None)
        if way:
            asked.append(name)
            text += arm(name, way)
    features = '"neurons = observable motor_neurons at 120 d", "weight = observable weight at 100 d"'
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for preset in PRESETS:
            scenario, output = os.path.join(folder, "t.toml"), os.path.join(folder, "out")
            with open(scenario, "w") as file:
                file.write(
                    f'schema = 1\n[subject]\npreset = "{preset}"\n[simulation]\nstart = "21 d"\nstop = "1000 d"\n'
                    f'every = "1 d"\n{text}[sweep]\ndesign = "list"\nfeatures = [{features}]\n'
                    '  [[sweep.factor]]\n  target = "solver.rtol"\n  values = [1e-6]\n'
                )
            subprocess.run(
                [program, "sweep", scenario, "--model", model, "-o", output, "--force", "--format", "csv", "--no-sync",
                 "--threads", "1", "--max-failures", "100%", "-q"], check=False,
            )
            with open(os.path.join(output, "sweep.csv")) as file:
                found.append({row["arm"]: row for row in csv.DictReader(file)})
    print(f"| {'change':38s} | B6SJL: onset, life (d), neurons (%), weight (g) | C57BL/6: the same |")
    print("|---|---|---|")
    for name in ["control", *asked]:
        cells = []
        for rows in found:
            row, control = rows[name], rows["control"]
            number = lambda key: float(row[key]) if row[key] else float("nan")
            if name == "control" or name.endswith("copies"):
                alive = row["event"] != "death"
                life = "alive" if alive else f"{number('last_d'):.1f}"
                cells.append(f"{number('onset_d'):.1f}, {life}, {number('neurons'):.0f}, {number('weight'):.1f}")
            elif row["event"] != "death":
                cells.append(f"alive at {number('last_d'):.0f} d ({row['status']})")
            else:
                onset = number("onset_d") - float(control["onset_d"])
                life = number("last_d") - float(control["last_d"])
                cells.append(f"{onset:+.1f}, {life:+.1f}, {number('neurons'):.0f}, {number('weight'):.1f}")
        print(f"| {name:38s} | {cells[0]} | {cells[1]} |")


if __name__ == "__main__":
    main()
