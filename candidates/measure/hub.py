"""The hub test: every process and modulator off from birth, and every number halved and doubled.

python3 candidates/measure/hub.py PROGRAM MODEL [--all] writes, for both backgrounds, what moves life
by more than a tenth (all of it with --all). Needs Python 3.11 and the program; nothing else.
"""

import csv
import glob
import os
import subprocess
import sys
import tempfile
import tomllib

PRESETS = ("mouse-g93a-b6sjl", "mouse-g93a-c57bl6")
BACKGROUND = ("mouse-wt-b6sjl", "mouse-wt-c57bl6")


def read_entries(model):
    entries = {"process": {}, "modulator": {}, "parameter": {}}
    for path in sorted(glob.glob(os.path.join(model, "*.toml"))):
        with open(path, "rb") as file:
            document = tomllib.load(file)
        for kind, found in entries.items():
            found.update(document.get(kind, {}))
    return entries


def head(preset, stop):
    return (
        f'schema = 1\n[subject]\npreset = "{preset}"\n'
        f'[simulation]\nstart = "21 d"\nstop = "{stop} d"\nevery = "10 d"\n'
    )


def sweep(program, model, text, folder):
    scenario = os.path.join(folder, "hub.toml")
    output = os.path.join(folder, "out")
    with open(scenario, "w") as file:
        file.write(text)
    subprocess.run(
        [program, "sweep", scenario, "--model", model, "-o", output, "--force", "--format", "csv",
         "--no-sync", "--threads", "1", "--max-failures", "100%", "-q"],
        check=False,
    )
    with open(os.path.join(output, "sweep.csv")) as file:
        return list(csv.DictReader(file))


def life(row):
    return float(row["last_d"]) if row["last_d"] else float("nan")


def switch_off(program, model, entries, folder):
    """Days of life by which each process and modulator, off from birth, changes life."""
    names = [("process", n) for n, e in entries["process"].items() if e.get("enabled", True)]
    names += [("modulator", n) for n in entries["modulator"]]
    found = {}
    for preset in PRESETS:
        text = head(preset, 1500) + '[[arm]]\nname = "control"\n'
        for kind, name in names:
            text += (
                f'[[arm]]\nname = "{kind}.{name}"\n  [[arm.perturbation]]\n'
                f'  target = "{kind}.{name}"\n  action = "off"\n  start = "birth"\n'
            )
        text += '[sweep]\ndesign = "list"\n  [[sweep.factor]]\n  target = "solver.rtol"\n  values = [1e-6]\n'
        rows = {row["arm"]: row for row in sweep(program, model, text, folder)}
        control = life(rows["control"])
        for arm, row in rows.items():
            found.setdefault(arm, []).append((life(row) - control, row["status"], control))
    return found


def halve_and_double(program, model, entries, folder):
    """Days of life by which each number with a range changes life, inside its range."""
    found = {}
    numbers = {n: e for n, e in entries["parameter"].items() if "range" in e and e.get("role") != "group"}
    for preset, background in zip(PRESETS, BACKGROUND):
        with open(os.path.join(model, "subjects", f"{background}.toml"), "rb") as file:
            own = tomllib.load(file).get("parameters", {})
        base = {n: own.get(n, e)["value"] for n, e in numbers.items() if e.get("prior") != "fixed"}
        points = [None]
        for name, value in base.items():
            low, high = numbers[name]["range"]
            for factor in (0.5, 2.0):
                moved = min(max(value * factor, low), high)
                if moved != value:
                    points.append((name, factor, moved))
        text = head(preset, 1500) + '[[arm]]\nname = "control"\n[sweep]\ndesign = "list"\n'
        for name, value in base.items():
            unit = numbers[name]["unit"]
            write = (lambda v: f"{v:.12g}") if unit == "1" else (lambda v, u=unit: f'"{v:.12g} {u}"')
            values = [write(p[2] if p and p[0] == name else value) for p in points]
            text += f'  [[sweep.factor]]\n  target = "{name}"\n  values = [{", ".join(values)}]\n'
        rows = sweep(program, model, text, folder)
        control = life(rows[0])
        for point, row in zip(points[1:], rows[1:]):
            key = f"{point[0]} x {point[1]:g}"
            found.setdefault(key, {})[preset] = (life(row) - control, row["status"], control)
    return {key: [by.get(p, (0.0, "ok", 1.0)) for p in PRESETS] for key, by in found.items()}


def main():
    program, model = sys.argv[1:3]
    least = 0.0 if "--all" in sys.argv else 0.10
    entries = read_entries(model)
    with tempfile.TemporaryDirectory() as folder:
        for title, found in (
            ("off from birth", switch_off(program, model, entries, folder)),
            ("halved or doubled inside its range", halve_and_double(program, model, entries, folder)),
        ):
            share = {n: max(abs(d / c) if d == d else 9.0 for d, _, c in v) for n, v in found.items()}
            above = sum(1 for s in share.values() if s > 0.20)
            failed = sum(1 for v in found.values() for _, status, _ in v if status != "ok")
            print(f"# {title}: {len(found)} changes, {above} above 20 % of life, {failed} failed lives")
            for name in sorted(share, key=lambda n: -share[n]):
                if share[name] >= least:
                    days = ", ".join(f"{d:+.1f}" for d, _, _ in found[name])
                    print(f"{name:58s} {days:>16s} d  {100 * share[name]:5.1f} %")


if __name__ == "__main__":
    main()
