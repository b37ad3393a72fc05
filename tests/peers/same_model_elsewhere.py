"""Outside oracle: the same model files, read by another reader and integrated by SciPy's LSODA.

Runs gutbrain on scenarios with windows and impulses at a tight tolerance, repeats each arm here, and
compares every species on the output grid: |difference| / (|value| + 1e-3 max(|value|, declared scale)) below
1e-6.
"""

import csv
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy
from scipy.integrate import odeint
from scipy.optimize import root

from model_reader import DAY, Model, parse_quantity

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ("butyrate-g93a", "butyrate-g93a-c57bl6", "wild-type", "antibiotics", "fmt")
LIMIT = 1e-6


def read_scenario(path):
    """The scenario with what it extends; arms merge by name."""
    given = tomllib.loads(path.read_text(encoding="utf-8"))
    if "extends" not in given:
        return given
    base = read_scenario(path.parent / given.pop("extends"))
    arms = {arm["name"]: arm for arm in base.pop("arm", [])}
    for arm in given.pop("arm", []):
        arms[arm["name"]] = arms.get(arm["name"], {}) | arm
    for key, value in given.items():
        base[key] = base[key] | value if isinstance(value, dict) and key in base else value
    base["arm"] = list(arms.values())
    return base


def settle(model, values):
    """Resting state of the wild type: long integration, then a root."""
    wild_type = values | {"transgene_copies": 0.0}
    species = model.entries["species"]
    start = numpy.array([
        float(species[name]["guess"] if species[name]["initial"] == "steady" else species[name]["initial"])
        for name in model.species
    ])
    free = [i for i, name in enumerate(model.species) if species[name]["initial"] == "steady"]

    def moving(part):
        state = start.copy()
        state[free] = part
        return numpy.array(model.derivative(state, wild_type))[free]

    path = odeint(lambda part, _: moving(part), start[free], [0.0, 2000.0], rtol=1e-10, atol=1e-13, mxstep=100000)
    found = root(moving, path[-1], tol=1e-14)
    state = start.copy()
    state[free] = found.x
    assert max(abs(moving(found.x)) / numpy.maximum(abs(found.x), 1e-6)) < 1e-9, "no rest"
    return state, model.resting_values(state, wild_type)


def run_arm(model, scenario, arm, ages):
    values = model.values(model.subject(scenario["subject"]["preset"]))
    state, resting = settle(model, values)
    end = ages[-1]
    windows, impulses, cuts = [], [], {0.0, ages[0], end}
    for given in arm.get("intervention", []):
        start = parse_quantity(given["start"], DAY)
        stop = end + 1 if given.get("stop", "end") == "end" else parse_quantity(given["stop"], DAY)
        repeat = given.get("repeat", {"every": "1 d", "times": 1})
        for number in range(repeat["times"]):
            shift = number * parse_quantity(repeat["every"], DAY)
            for action, name, value in model.intervention(given["kind"], given["dose"], values | {"resting": resting}):
                if action.startswith("impulse"):
                    impulses.append((start + shift, action, name, value))
                else:
                    windows.append((start + shift, stop + shift, action, name, value))
            cuts |= {start + shift, stop + shift}
    cuts = sorted(cut for cut in cuts if 0.0 <= cut <= end)
    rows = {}
    for left, right in zip(cuts[:-1], cuts[1:]):
        for action in ("impulse scales", "impulse adds"):
            for age, given, name, value in impulses:
                if age == left and given == action:
                    index = model.species.index(name)
                    state[index] = state[index] * value if action.endswith("scales") else state[index] + value
        now = dict(values)
        for action in ("sets", "scales", "adds"):
            for start, stop, given, name, value in windows:
                if given == action and start <= left < stop:
                    now[name] = value if action == "sets" else now[name] * value if action == "scales" else now[name] + value
        grid = [left, *[age for age in ages if left < age < right], right]
        path = odeint(lambda y, _: model.derivative(y, now, resting), state, grid, rtol=1e-11, atol=1e-13, mxstep=100000)
        for age, row in zip(grid[:-1], path[:-1]):
            rows[age] = row
        state = path[-1].copy()
    rows[end] = state
    return rows


def main():
    model = Model(ROOT / "model")
    worst_of_all = 0.0
    for name in SCENARIOS:
        path = ROOT / "scenarios" / f"{name}.toml"
        folder = ROOT / "target" / "peers-runs" / name
        subprocess.run(
            [ROOT / "target/release/gutbrain", "run", path, "--output", folder, "--format", "csv",
             "--set", "solver.rtol=1e-10", "--force", "--quiet"],
            check=True, stdout=subprocess.DEVNULL,
        )
        scenario = read_scenario(path)
        with open(folder / "trajectories.csv", newline="") as file:
            table = list(csv.DictReader(file))
        for arm in scenario["arm"]:
            ours = [row for row in table if row["arm"] == arm["name"]]
            ages = [float(row["time_d"]) for row in ours]
            theirs = run_arm(model, scenario, arm, ages)
            worst, where = 0.0, ""
            for index, species in enumerate(model.species):
                a = numpy.array([float(row[species]) for row in ours])
                b = numpy.array([theirs[age][index] for age in ages])
                scale = float(model.entries["species"][species]["scale"])
                error = numpy.max(abs(a - b) / (abs(b) + 1e-3 * max(abs(b).max(), scale)))
                if error > worst:
                    worst, where = error, species
            worst_of_all = max(worst_of_all, worst)
            print(f"{name:22} {arm['name']:18} {len(ages):4} ages, largest difference {worst:.1e} ({where})", flush=True)
    if worst_of_all > LIMIT:
        sys.exit(f"the largest difference {worst_of_all:.1e} exceeds {LIMIT:.0e}")
    print(f"agrees with SciPy's LSODA: largest difference {worst_of_all:.1e}")


if __name__ == "__main__":
    main()
