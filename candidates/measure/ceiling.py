"""The ceiling: random combinations of actions on the gut against all routes from gut to cord cut.

python3 candidates/measure/ceiling.py PROGRAM MODEL [NUMBER] draws NUMBER (1,000) combinations of
interventions on the gut and of changed gut processes, from the age of 38 days, on both backgrounds,
and names those that give more life than the cut by more than a day. The cut holds every blood signal
below rest, regulatory T cells at four pools (the most that any transfer reaches), and nicotinamide,
GABA and short-chain fatty acids where they can do most. Needs Python 3.11 and the program.
"""

import csv
import glob
import os
import random
import subprocess
import sys
import tempfile
import tomllib

PRESETS = ("mouse-g93a-b6sjl", "mouse-g93a-c57bl6")
START = "38 d"

DOSES = {
    "butyrate-water": ("%", 0.1, 8), "tributyrin": ("mmol/day", 0.02, 2), "butyrate-enema": ("mmol/day", 0.02, 2),
    "dietary-fibre": ("", 0.1, 5), "prebiotic-gos": ("mmol/day", 0.05, 6), "probiotic": ("CFU/day", 1e8, 1e11),
    "butyrate-producer-probiotic": ("CFU/day", 1e8, 1e11), "akkermansia": ("CFU/day", 1e8, 1e11),
    "antibiotics": ("1/day", 0.1, 40), "antibiotics-against-anaerobes": ("1/day", 0.1, 40),
    "faecal-transplant": ("", 0.1, 1), "mediterranean-diet": ("", 0.1, 1), "fibre-free-diet": ("", 0.1, 1),
    "anti-il17": ("mg/kg/week", 0.1, 20), "knock-out-tlr4": ("", 0.2, 1),
}
PATHWAYS = {"flora", "absorption", "barrier", "aggregates", "nfkb", "paneth", "motility", "immune", "treg_th17"}
CUT = [
    ("species.il17_plasma", "set", '"0.1 pg/ml"'), ("species.tnf_plasma", "set", '"0.1 pg/ml"'),
    ("species.il6_plasma", "set", '"0.1 pg/ml"'), ("species.il1b_plasma", "set", '"0.1 pg/ml"'),
    ("species.lps_plasma", "set", '"0.001 EU/ml"'), ("species.treg", "set", "4.0"),
    ("species.bifidobacteria", "set", '"400 g/l"'), ("species.acetate_colon", "set", '"400 mM"'),
    ("species.guard_quality", "set", "1.0"), ("parameter.nicotinamide_given", "set", "1000.0"),
]


def gut_targets(model):
    """Processes and modulators of the gut that only make, move or restrain, not those that end a pool."""
    found = []
    for path in sorted(glob.glob(os.path.join(model, "*.toml"))):
        with open(path, "rb") as file:
            document = tomllib.load(file)
        for kind in ("process", "modulator"):
            for name, entry in document.get(kind, {}).items():
                pathway, loses = entry.get("pathway"), False
                if kind == "process":
                    loses = all(str(v).startswith("-") for v in entry["changes"].values())
                if pathway in PATHWAYS and not loses and entry.get("enabled", True):
                    found.append(f"{kind}.{name}")
    return found


def perturb(target, action, value):
    return (
        f'  [[arm.perturbation]]\n  target = "{target}"\n  action = "{action}"\n  value = {value}\n'
        f'  start = "{START}"\n  stop = "end"\n'
    )


def combination(number, targets, draw):
    text, says = f'[[arm]]\nname = "c{number}"\n', []
    for kind in draw.sample(sorted(DOSES), draw.randint(0, 4)):
        unit, low, high = DOSES[kind]
        dose = low * (high / low) ** draw.random()
        says.append(f"{kind} {dose:.3g} {unit}")
        text += f'  [[arm.intervention]]\n  kind = "{kind}"\n  dose = "{dose:.6g} {unit}"\n  start = "{START}"\n'
    for target in draw.sample(targets, draw.randint(0, 4)):
        factors = [0.0, 0.1, 0.3, 0.5, 2.0, 3.0, 10.0]
        # A modulator is scaled by its distance from 1, which must not carry it below 0.
        factor = draw.choice(factors if target.startswith("process") else [0.0, 0.3, 0.6, 1.2])
        says.append(f"{target} x {factor:g}")
        text += perturb(target, "scale", factor)
    return text, "; ".join(says)


def main():
    program, model = sys.argv[1:3]
    number = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    targets, draw = gut_targets(model), random.Random(1)
    drawn = [combination(i, targets, draw) for i in range(number)]
    cut = '[[arm]]\nname = "control"\n[[arm]]\nname = "cut"\n' + "".join(perturb(*c) for c in CUT)
    with tempfile.TemporaryDirectory() as folder:
        for preset in PRESETS:
            gains, above, failed, scenario = [], [], 0, os.path.join(folder, "c.toml")
            for begin in range(0, number, 250):
                text = (
                    f'schema = 1\n[subject]\npreset = "{preset}"\n[simulation]\nstart = "21 d"\nstop = "800 d"\n'
                    f'every = "10 d"\n[solver]\nrtol = 1e-5\n{cut}'
                )
                text += "".join(t for t, _ in drawn[begin : begin + 250])
                text += '[sweep]\ndesign = "list"\n  [[sweep.factor]]\n  target = "solver.rtol"\n  values = [1e-5]\n'
                with open(scenario, "w") as file:
                    file.write(text)
                output = os.path.join(folder, "out")
                subprocess.run(
                    [program, "sweep", scenario, "--model", model, "-o", output, "--force", "--format", "csv",
                     "--no-sync", "--threads", "1", "--max-failures", "100%", "-q"], check=False,
                )
                with open(os.path.join(output, "sweep.csv")) as file:
                    rows = {row["arm"]: row for row in csv.DictReader(file)}
                control, best = float(rows["control"]["last_d"]), float(rows["cut"]["last_d"])
                for i in range(begin, min(begin + 250, number)):
                    row = rows[f"c{i}"]
                    if row["status"] != "ok":
                        failed += 1
                        continue
                    gain = float(row["last_d"]) - control
                    gains.append(gain)
                    if gain > best - control + 1:
                        above.append((gain, drawn[i][1]))
            print(f"{preset}: cut {best - control:+.1f} d; {len(gains)} combinations, {failed} failed, "
                  f"best {max(gains):+.1f} d, worst {min(gains):+.1f} d, {len(above)} above the cut by a day")
            for gain, says in sorted(above, reverse=True)[:10]:
                print(f"  {gain:+.1f} d: {says}")


if __name__ == "__main__":
    main()
