"""Dose curves: life of treated animals over the plausible range of each intervention and ten times beyond.

python3 candidates/measure/doses.py PROGRAM MODEL prints days of life against an untreated animal on both
backgrounds, and how often each curve turns (changes its direction by more than a day). Needs Python 3.11.
"""

import csv
import os
import subprocess
import sys
import tempfile

PRESETS = ("mouse-g93a-b6sjl", "mouse-g93a-c57bl6")
CURVES = {
    "butyrate-water": ("%", "38 d", (0.25, 0.5, 1, 1.5, 2, 2.5, 3, 4, 6, 8, 10, 20, 50)),
    "tributyrin": ("mmol/day", "38 d", (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 4)),
    "butyrate-enema": ("mmol/day", "38 d", (0.05, 0.1, 0.3, 1, 3)),
    "dietary-fibre": ("", "38 d", (0.25, 0.5, 1, 2, 4, 10)),
    "fibre-free-diet": ("", "38 d", (0.25, 0.5, 0.8, 0.95, 1)),
    "mediterranean-diet": ("", "38 d", (0.25, 0.5, 1)),
    "prebiotic-gos": ("mmol/day", "38 d", (0.1, 0.3, 1, 2, 4, 10, 30)),
    "probiotic": ("CFU/day", "38 d", (1e9, 1e10, 1e11, 1e12)),
    "butyrate-producer-probiotic": ("CFU/day", "38 d", (1e9, 1e10, 1e11, 1e12)),
    "akkermansia": ("CFU/day", "38 d", (1e9, 1e10, 1e11, 1e12)),
    "torques": ("CFU/day", "38 d", (1e9, 1e10, 1e11, 1e12)),
    "antibiotics": ("1/day", "42 d", (0.3, 1, 2, 3, 4, 6, 8, 10, 15, 20, 50, 200)),
    "antibiotics-against-anaerobes": ("1/day", "42 d", (1, 3, 10, 30, 100)),
    "antibiotics-against-enterobacteria": ("1/day", "42 d", (1, 3, 10, 30, 100)),
    "nicotinamide": ("", "42 d", (0.5, 1, 3, 10, 30, 100)),
    "treg-transfer": ("1/day", "38 d", (0.05, 0.2, 0.5, 1, 3, 10)),
    "riluzole": ("mg/kg/day", "60 d", (3, 10, 22, 60, 200)),
    "edaravone": ("mg/kg/day", "60 d", (5, 15, 50, 150)),
    "anti-il17": ("mg/kg/week", "60 d", (0.3, 1, 10, 100)),
    "il1-blockade": ("mg/kg/day", "60 d", (3, 10, 100, 1000)),
    "nlrp3-inhibitor": ("mg/kg/day", "60 d", (1, 3, 10, 100)),
    "calorie-restriction": ("", "40 d", (0.1, 0.2, 0.3, 0.4, 0.5)),
    "lps-injection": ("mg/kg", "60 d", (0.01, 0.03, 0.1, 0.5, 2, 10)),
    "sod1-lowering": ("", "60 d", (0.1, 0.2, 0.3, 0.5, 0.75)),
    "wild-type-marrow": ("", "5 d", (0.25, 0.5, 1)),
}


def main():
    program, model = sys.argv[1:3]
    lives = []
    with tempfile.TemporaryDirectory() as folder:
        for preset in PRESETS:
            text = (
                f'schema = 1\n[subject]\npreset = "{preset}"\n[simulation]\nstart = "21 d"\nstop = "1000 d"\n'
                'every = "10 d"\n[[arm]]\nname = "control"\n'
            )
            for kind, (unit, start, doses) in CURVES.items():
                for dose in doses:
                    text += f'[[arm]]\nname = "{kind} {dose:g}"\n  [[arm.intervention]]\n  kind = "{kind}"\n'
                    text += f'  dose = "{dose:.6g} {unit}"\n  start = "{start}"\n'
            text += '[sweep]\ndesign = "list"\n  [[sweep.factor]]\n  target = "solver.rtol"\n  values = [1e-6]\n'
            scenario, output = os.path.join(folder, "d.toml"), os.path.join(folder, "out")
            with open(scenario, "w") as file:
                file.write(text)
            subprocess.run(
                [program, "sweep", scenario, "--model", model, "-o", output, "--force", "--format", "csv", "--no-sync",
                 "--threads", "1", "--max-failures", "100%", "-q"], check=False,
            )
            with open(os.path.join(output, "sweep.csv")) as file:
                lives.append({row["arm"]: row for row in csv.DictReader(file)})
    for kind, (unit, start, doses) in CURVES.items():
        print(f"{kind} ({unit or '1'}) from {start}")
        print("  dose   " + " ".join(f"{dose:>7g}" for dose in doses))
        for preset, rows in zip(PRESETS, lives):
            control = float(rows["control"]["last_d"])
            gains = [float(rows[f"{kind} {d:g}"]["last_d"] or "nan") - control for d in doses]
            turns, extreme, direction = 0, 0.0, 0
            for gain in gains:
                if abs(gain - extreme) > 1 and (gain > extreme) != (direction > 0):
                    turns += direction != 0
                    direction = 1 if gain > extreme else -1
                if (gain - extreme) * direction > 0:
                    extreme = gain
            print(f"  {preset[-6:]:6s} " + " ".join(f"{gain:+7.1f}" for gain in gains) + f"   turns {turns}")


if __name__ == "__main__":
    main()
