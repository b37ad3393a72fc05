"""How fast other programs integrate our own export: work against precision, interleaved.

    tests/peers/run                                  # makes the environment
    target/peers/bin/python benches/peers/speed.py [--scenario FILE] [--arm NAME] [--rounds N] [--ours COMMAND]

Every contender lives the same life (model compiled before, output once a day, no curves kept but the
state) at several tolerances; contenders take turns within a round, the median of the rounds counts, and
the error is max |y - ref| / (|ref| + 1e-3 max|ref|) over species and days against libRoadRunner at 1e-13.
COMMAND is ours: it gets the scenario, the arm and the tolerance as last three words and prints one line,
seconds per life and error. Without it the table has the peers only.
"""

import argparse
import shlex
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/peers"))
from exported import ROOT, RUNS, Copasi, Export, RoadRunner, export  # noqa: E402

TOLERANCES = (1e-4, 1e-6, 1e-8, 1e-10)


def set_tolerance(peer, tolerance):
    if isinstance(peer, RoadRunner):
        peer.model.integrator.relative_tolerance = tolerance
        peer.model.integrator.absolute_tolerance = tolerance * 1e-3
    else:
        method = peer.data.getTask("Time-Course").getMethod()
        method.getParameter("Relative Tolerance").setDblValue(tolerance)
        method.getParameter("Absolute Tolerance").setDblValue(tolerance * 1e-3)


def life(peer, days, names):
    """Seconds of the integration alone, and the curves."""
    if isinstance(peer, RoadRunner):
        peer.model.resetToOrigin()
        peer.model.timeCourseSelections = ["time", *names]
        begin = time.perf_counter()
        result = peer.model.simulate(0, days, days + 1)
        took = time.perf_counter() - begin
        return took, numpy.array(result)[:, 1:]
    begin = time.perf_counter()
    curves = peer.simulate(days, days, names)
    took = time.perf_counter() - begin
    return took, numpy.array([curves[name] for name in names]).T


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--scenario", default=ROOT / "scenarios/butyrate-g93a.toml", type=Path)
    options.add_argument("--arm", default="butyrate")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--ours", default="")
    options = options.parse_args()
    RUNS.mkdir(parents=True, exist_ok=True)
    exported = Export(export(options.scenario, options.arm, RUNS / "speed.xml"))
    names, days = sorted(exported.species), 200
    peers = [RoadRunner(exported), Copasi(exported)]
    set_tolerance(peers[0], 1e-13)
    _, reference = life(peers[0], days, names)
    floor = 1e-3 * abs(reference).max(axis=0)
    # Days on which something is done: one program shows the state before, another after.
    rows = [k for k in range(days + 1) if all(abs(exported.start + k - edge) > 1e-6 for edge in exported.edges)]
    times, errors = {}, {}
    for _ in range(options.rounds):
        for tolerance in TOLERANCES:
            for peer in peers:
                set_tolerance(peer, tolerance)
                took, curves = life(peer, days, names)
                difference = abs(curves - reference) / (abs(reference) + floor)
                times.setdefault((peer.name, tolerance), []).append(took)
                errors[peer.name, tolerance] = difference[rows].max()
            if options.ours:
                words = [*shlex.split(options.ours), str(options.scenario), options.arm, repr(tolerance)]
                said = subprocess.run(words, check=True, capture_output=True, encoding="utf-8").stdout.split()
                times.setdefault(("gutbrain", tolerance), []).append(float(said[0]))
                errors["gutbrain", tolerance] = float(said[1])
    print("| program | relative tolerance | ms per life (median) | smallest | largest error |\n|---|---:|---:|---:|---:|")
    for (name, tolerance), took in sorted(times.items()):
        print(f"| {name} | {tolerance:.0e} | {1e3 * statistics.median(took):.2f} | {1e3 * min(took):.2f} | "
              f"{errors[name, tolerance]:.1e} |")


if __name__ == "__main__":
    main()
