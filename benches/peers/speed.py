"""How fast other programs live our own export: work against precision, interleaved.

    benches/peers/run [--cohort N] [--sets N] [--rounds N] [--page FILE]

The program writes one arm as SBML for each of a set of random animals (every uncertain parameter moved by
15 %); each peer compiles the first file and is given the values of the others. All live the same span at
several tolerances, on one thread, taking turns within a round; the median of the rounds counts. What is
timed (in processor time, so that others on the machine count less) is the integration alone, with nothing kept
but the last state. Peers live the first animals of the cohort, ours all of it: side by side is how it lives them.
CVODE (bare_cvode.py) is the solver alone, with the export's equations as C, the best that we could make of it.

Ours starts earlier than the peers: it finds the steady state before birth and lives up to the start, which the
peers are given. Both are measured: whole lives, and the same span, which is a whole life less one that stops at
the start (of the same animals, in the same turn).

    error = max over animals, days and species of |y - ref| / (|ref| + 1e-3 max|ref|)

over whole days on which nothing is done. The reference is ours at 1e-12, if COPASI's, bngsim's and CVODE's at
1e-11 agree with it to 1e-7; else the script fails. Times at equal error are read off between measured points,
log on log. The page and its figure are written from what was measured.
"""

import argparse
import functools
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import numpy

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/peers"))
import bare_cvode  # noqa: E402
import bngsim  # noqa: E402
from copasi_model import Copasi  # noqa: E402
from exported import ROOT, RUNS, Bngsim, Export, RoadRunner, gutbrain  # noqa: E402
from exports_agree import draws  # noqa: E402

SCENARIO, ARM = ROOT / "scenarios/butyrate-g93a.toml", "butyrate"
# Treatment begins after START: up to there both arms live the same.
UNTREATED = "control"
START, STOP = 21, 120
DAYS = STOP - START
TOLERANCES = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10)
OURS_TOLERANCES = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
# What peers get as absolute tolerance, as a part of the relative one: species are of the order of one.
ABSOLUTE = 1e-3
EQUAL = (1e-4, 1e-5, 1e-6, 1e-7)
OURS = Path(os.environ.get("GUTBRAIN_PEERS", ROOT / "target/release/examples/peers"))
FOLDER = RUNS / "speed"
COLOURS = {"gutbrain": "#0072B2", "libRoadRunner": "#D55E00", "COPASI": "#009E73", "bngsim": "#CC79A7", "CVODE": "#E69F00",
           "CVODE, sparse": "#56B4E9"}


class Ours:
    """The example `peers`, one process per turn; it keeps time itself."""

    name = "gutbrain"
    tolerances = OURS_TOLERANCES

    def call(self, tolerance, repeats, states=(), arm=ARM, stop=STOP):
        words = [OURS, SCENARIO, arm, START, stop, tolerance, tolerance * ABSOLUTE, FOLDER / "animals.tsv", repeats, *states]
        done = subprocess.run([str(it) for it in words], check=True, capture_output=True, encoding="utf-8",
                              env={**os.environ, "RAYON_NUM_THREADS": "1"})
        return [float(it) for it in done.stdout.split()]

    def seconds(self, tolerance, animals):
        whole = min(self.call(tolerance, 4)) / len(animals)
        before = min(self.call(tolerance, 4, arm=UNTREATED, stop=START + 1e-9)) / len(animals)
        return whole, whole - before

    def curves(self, tolerance, animals, names):
        path = FOLDER / "states.tsv"
        self.call(tolerance, 1, [path])
        with open(path, encoding="utf-8") as file:
            columns = file.readline().rstrip("\n").split("\t")
        table = numpy.loadtxt(path, skiprows=1, delimiter="\t")
        places = [columns.index(name) for name in names]
        found = {}
        for animal in animals:
            rows = table[table[:, 0] == animal.number]
            found[animal.number] = rows[:, places] if len(rows) == DAYS + 1 else None
        return found


class Peer:
    tolerances = TOLERANCES

    def __init__(self, kind, first):
        self.peer, self.name = kind(first), kind.name

    def set(self, tolerance):
        absolute = tolerance * ABSOLUTE
        if isinstance(self.peer, RoadRunner):
            integrator = self.peer.model.integrator
            integrator.relative_tolerance, integrator.absolute_tolerance = tolerance, absolute
        elif isinstance(self.peer, Copasi):
            method = self.peer.data.getTask("Time-Course").getMethod()
            method.getParameter("Relative Tolerance").setDblValue(tolerance)
            method.getParameter("Absolute Tolerance").setDblValue(absolute)

    def live(self, tolerance, animal, steps, names):
        """Seconds of the integration, and curves."""
        self.peer.give(animal.export)
        if isinstance(self.peer, RoadRunner):
            self.peer.model.timeCourseSelections = ["time", *names]
            begin = time.process_time()
            result = self.peer.model.simulate(0, DAYS, steps + 1)
            return time.process_time() - begin, numpy.array(result)[:, 1:]
        if isinstance(self.peer, Copasi):
            begin = time.process_time()
            curves = self.peer.simulate(DAYS, steps, names)
            return time.process_time() - begin, numpy.array([curves[name] for name in names]).T
        begin = time.process_time()
        result = self.peer.simulator.run(t_span=(0, DAYS), n_points=steps + 1, rtol=tolerance,
                                         atol=tolerance * ABSOLUTE, max_steps=1_000_000)
        took = time.process_time() - begin
        places = [list(result.state_names).index(name) for name in names]
        return took, numpy.array(result.state)[:, places]

    def seconds(self, tolerance, animals):
        self.set(tolerance)
        # One name: what is kept is not what is measured.
        span = sum(self.live(tolerance, animal, 1, ["body_weight"])[0] for animal in animals) / len(animals)
        return span, span

    def curves(self, tolerance, animals, names):
        self.set(tolerance)
        found = {}
        for animal in animals:
            try:
                found[animal.number] = self.live(tolerance, animal, DAYS, names)[1]
            except RuntimeError as failure:
                # A solver that gives up has no error to be measured.
                print(f"{self.name} {tolerance:.0e}, animal {animal.number}: {failure}", flush=True)
                found[animal.number] = None
        return found


class Compiled(Bngsim):
    """bngsim with its right-hand side and Jacobian as C, compiled by the system's compiler."""

    name = "bngsim"

    def __init__(self, export):
        super().__init__(export)
        self.simulator = bngsim.Simulator(self.model, method="ode", codegen=True)


class Bare:
    """CVODE alone, all animals in one call, as ours: the best of as many repeats counts."""

    tolerances = TOLERANCES

    def __init__(self, first, dense):
        self.peer, self.name = bare_cvode.BareCvode(first, dense), "CVODE" if dense else "CVODE, sparse"

    def seconds(self, tolerance, animals):
        values, took = self.peer.values([animal.export for animal in animals]), []
        for _ in range(4):
            begin = time.process_time()
            self.peer.live(*values, tolerance, tolerance * ABSOLUTE, DAYS)
            took.append(time.process_time() - begin)
        span = min(took) / len(animals)
        return span, span

    def curves(self, tolerance, animals, names):
        values = self.peer.values([animal.export for animal in animals])
        states, _, flags = self.peer.live(*values, tolerance, tolerance * ABSOLUTE, DAYS, days=True)
        places = [self.peer.equations.species.index(name) for name in names]
        return {animal.number: None if flag < 0 else them[:, places] for animal, them, flag in zip(animals, states, flags)}


class Animal:
    def __init__(self, number, sets):
        self.number, self.sets = number, sets

    @functools.cached_property
    def export(self):
        path = FOLDER / f"{self.number}.xml"
        words = [word for text in (*self.sets, f'simulation.stop="{STOP} d"', "solver.rtol=1e-12") for word in ("--set", text)]
        gutbrain("model", "export", "--scenario", SCENARIO, "--arm", ARM, "-o", path, *words)
        return Export(path)


def write_animals(animals):
    """The table for our side."""
    rows = []
    for animal in animals:
        pairs = (text.split("=", 1) for text in animal.sets)
        rows.append({name: value.strip('"').split(" ")[0] for name, value in pairs})
    names = list(rows[0])
    lines = ["\t".join(names), *("\t".join(row[name] for name in names) for row in rows)]
    (FOLDER / "animals.tsv").write_text("\n".join(lines) + "\n")


def error(curves, reference, rows):
    worst = 0.0
    for number, wanted in reference.items():
        found = curves[number]
        if found is None:
            return math.inf
        floor = 1e-3 * abs(wanted).max(axis=0) + 1e-300
        worst = max(worst, float((abs(found - wanted) / (abs(wanted) + floor))[rows].max()))
    return worst


def at_error(points, wanted):
    """Seconds at an error, between measured points; none outside them."""
    points = sorted((e, s) for e, s in points if 0 < e < math.inf)
    for (e1, s1), (e2, s2) in zip(points, points[1:]):
        if e1 <= wanted <= e2 and e2 > e1:
            share = (math.log(wanted) - math.log(e1)) / (math.log(e2) - math.log(e1))
            return math.exp(math.log(s1) + share * (math.log(s2) - math.log(s1)))
    return None


def machine():
    name = ""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.machine()
    return f"{os.cpu_count()} logical processors ({name}), {platform.system()}, Python {platform.python_version()}"


def page(path, measured, errors, cohort, animals, agreement, load):
    import COPASI
    import roadrunner

    versions = {"libRoadRunner": roadrunner.__version__, "COPASI": COPASI.CVersion.VERSION.getVersion().split(" ")[0], "bngsim": bngsim.__version__}
    lines = [
        "# Speed beside other simulators\n\n",
        "Generated by `benches/peers/run`; do not edit. Numbers are those of one machine on one day: ratios hold, "
        "absolute times do not. Times are processor times.\n\n",
        f"{cohort} random animals (every uncertain parameter moved by 15 %), of which peers live the first {len(animals)}, "
        f"arm `{ARM}` of `scenarios/{SCENARIO.name}`, age {START} to {STOP} days, {len(animals[0].export.species)} species, "
        "one thread each, taking turns. The peers read the program's own SBML and are timed for the integration alone, "
        f"from the state at {START} days. Ours also finds the steady state before birth and lives the first {START} days: "
        "*whole life* counts that, *same span* does not. All count onset, paralysis and death by root finding. Error: the "
        "largest |y − ref| / (|ref| + 10⁻³ max|ref|) over animals, days and species (one that dies at one tolerance and "
        "lives at another counts as infinite).\n\n",
        "![Work against precision](figures/work-precision.svg)\n\n",
        "## Time at equal error\n\n",
    ]
    points = [
        {name: [(errors[name, tolerance], statistics.median(it[kind] for it in times)) for tolerance, times in found.items()]
         for name, found in measured.items()}
        for kind in range(2)
    ]
    peers = [name for name in measured if name != "gutbrain"]
    lines.append("| error | counted | gutbrain, ms per life | " + " | ".join(f"{name}, times as long" for name in peers) + " |\n")
    lines.append("|---:|---|---:|" + "---:|" * len(peers) + "\n")
    for wanted in EQUAL:
        for counted, of_kind in zip(("whole life", "same span"), points):
            ours = at_error(of_kind["gutbrain"], wanted)
            cells = []
            for name in peers:
                theirs = at_error(of_kind[name], wanted)
                cells.append("outside what was measured" if None in (ours, theirs) else f"{theirs / ours:.1f}")
            lines.append(f"| {wanted:.0e} | {counted} | {'outside' if ours is None else f'{1e3 * ours:.2f}'} | " + " | ".join(cells) + " |\n")
    lines.append("\n## What was measured\n\n| program | relative tolerance | ms per whole life | ms for the same span | smallest | error |\n|---|---:|---:|---:|---:|---:|\n")
    for name, found in measured.items():
        for tolerance, times in found.items():
            whole, span = (statistics.median(it[kind] for it in times) for kind in range(2))
            lines.append(f"| {name} | {tolerance:.0e} | {f'{1e3 * whole:.3f}' if name == 'gutbrain' else '–'} | {1e3 * span:.3f} | "
                         f"{1e3 * min(it[1] for it in times):.3f} | {errors[name, tolerance]:.1e} |\n")
    lines.append(
        f"\nAbsolute tolerances are {ABSOLUTE:g} of the relative ones (ours: times the scale of each species). Reference: "
        f"ours at 1e-12; COPASI at 1e-11 differs from it by {agreement['COPASI']:.0e}, bngsim by {agreement['bngsim']:.0e}, "
        f"CVODE by {agreement['CVODE']:.0e} and {agreement['CVODE, sparse']:.0e}.\n\n"
        "libRoadRunner " + versions["libRoadRunner"] + " (CVODE, compiled by LLVM with optimisation, dense difference "
        "quotients), COPASI " + versions["COPASI"] + " (LSODA, its own evaluator), bngsim " + versions["bngsim"]
        + " (CVODE, exact Jacobian, sparse factors, equations as C compiled by the system's compiler), CVODE " + bare_cvode.version()
        + " (SUNDIALS from source with nothing checked or logged, the equations and their exact Jacobian as straight lines of C, what "
        "depends on parameters alone computed once per life, all compiled with `cc " + " ".join(bare_cvode.OPTIMISED) + "`; *CVODE* with "
        "its own dense solver, *CVODE, sparse* with the elimination of the model's pattern as straight lines of C too, which no program "
        f"offers and which is the best that we could make of it). {machine()}; load average {load:.1f} while measuring.\n"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines), "utf-8")
    plt.rcParams.update({"svg.hashsalt": "work-precision", "svg.fonttype": "none", "font.size": 9, "font.family": "sans-serif"})
    drawing, axis = plt.subplots(figsize=(5.2, 3.6))
    for name in measured:
        shown = sorted((e, 1e3 * s) for e, s in points[1][name] if 0 < e < math.inf)
        axis.plot(*zip(*shown), "o-", color=COLOURS[name], markersize=4, linewidth=1.2)
        # One name would lie on another's line.
        place = {"xytext": (0, 5), "va": "bottom", "ha": "center"} if name == "bngsim" else {"xytext": (-6, 0), "va": "center", "ha": "right"}
        axis.annotate(name, shown[0], textcoords="offset points", color=COLOURS[name], **place)
    axis.set_xscale("log")
    axis.set_yscale("log")
    left, right = axis.get_xlim()
    axis.set_xlim(left / 30, right)
    axis.set_xlabel("largest error")
    axis.set_ylabel("milliseconds for the same span")
    axis.grid(True, which="major", linewidth=0.4, color="#DDDDDD")
    axis.spines[["top", "right"]].set_visible(False)
    drawing.tight_layout()
    figure = path.parent / "figures/work-precision.svg"
    figure.parent.mkdir(exist_ok=True)
    drawing.savefig(figure, metadata={"Date": None})


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--cohort", type=int, default=256)
    options.add_argument("--sets", type=int, default=32)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--page", type=Path, default=ROOT / "docs/performance-peers.md")
    options = options.parse_args()
    # The best code that libRoadRunner makes, unlike in tests where it compiles for one run.
    import roadrunner

    roadrunner.Config.setValue(roadrunner.Config.LLVM_BACKEND, roadrunner.Config.LLJIT)
    roadrunner.Config.setValue(roadrunner.Config.LLJIT_OPTIMIZATION_LEVEL, roadrunner.Config.AGGRESSIVE)
    FOLDER.mkdir(parents=True, exist_ok=True)
    cohort = [Animal(number, sets) for number, sets in enumerate(draws(options.cohort))]
    names = sorted(cohort[0].export.species)
    write_animals(cohort)
    ours = Ours()
    reference = ours.curves(1e-12, cohort, names)
    alive = [animal for animal in cohort if reference[animal.number] is not None]
    print(f"{len(alive)} of {len(cohort)} animals are alive at {STOP} days", flush=True)
    cohort = [Animal(number, animal.sets) for number, animal in enumerate(alive)]
    write_animals(cohort)
    reference = ours.curves(1e-12, cohort, names)
    animals = cohort[: options.sets]
    edges = animals[0].export.edges
    rows = [k for k in range(DAYS + 1) if all(abs(START + k - edge) > 1e-6 for edge in edges)]
    contenders = [ours, *(Peer(kind, animals[0].export) for kind in (RoadRunner, Copasi, Compiled)), *(Bare(animals[0].export, dense) for dense in (True, False))]
    agreement = {}
    for peer in contenders[2:]:
        agreement[peer.name] = error(peer.curves(1e-11, animals[:8], names), {it.number: reference[it.number] for it in animals[:8]}, rows)
        print(f"reference: {peer.name} differs by {agreement[peer.name]:.1e}", flush=True)
        if not agreement[peer.name] <= 1e-7:
            sys.exit("there is no reference to measure by")
    errors = {}
    for contender in contenders:
        for tolerance in contender.tolerances:
            lived = cohort if contender is ours else animals
            wanted = {animal.number: reference[animal.number] for animal in lived}
            errors[contender.name, tolerance] = error(contender.curves(tolerance, lived, names), wanted, rows)
            print(f"{contender.name} {tolerance:.0e}: error {errors[contender.name, tolerance]:.1e}", flush=True)
    measured = {contender.name: {} for contender in contenders}
    for number in range(options.rounds):
        for place in range(max(len(it.tolerances) for it in contenders)):
            for contender in contenders:
                if place < len(contender.tolerances):
                    tolerance = contender.tolerances[place]
                    if errors[contender.name, tolerance] == math.inf:
                        continue
                    took = contender.seconds(tolerance, cohort if contender is ours else animals)
                    measured[contender.name].setdefault(tolerance, []).append(took)
        print(f"round {number + 1} of {options.rounds}", flush=True)
    page(options.page, measured, errors, len(cohort), animals, agreement, os.getloadavg()[0])


if __name__ == "__main__":
    main()
