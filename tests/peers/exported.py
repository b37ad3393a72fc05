"""Exports of gutbrain in the hands of other programs: read, checked and simulated.

`check` asks libSBML whether a file is consistent, units included; `RoadRunner` and `Bngsim`, and
`copasi_model`, simulate it.
All take new values for parameters and species, so that one compiled model serves many subjects.
"""

import csv
import math
import os
import subprocess
import tomllib
from pathlib import Path

import bngsim
import libsbml
import numpy
import roadrunner

from copasi_model import ABSOLUTE, RELATIVE

ROOT = Path(__file__).resolve().parents[2]
GUTBRAIN = Path(os.environ.get("GUTBRAIN", ROOT / "target/release/gutbrain"))
RUNS = ROOT / "target/peers-runs"

roadrunner.Logger.setLevel(roadrunner.Logger.LOG_ERROR)
# Compiles four times faster; the machine code of a model that is run once need not be the best.
roadrunner.Config.setValue(roadrunner.Config.LLVM_BACKEND, roadrunner.Config.LLJIT)
roadrunner.Config.setValue(roadrunner.Config.LLJIT_OPTIMIZATION_LEVEL, roadrunner.Config.NONE)


def gutbrain(*words):
    """Calls the program; its standard error is shown when it fails."""
    done = subprocess.run([GUTBRAIN, *map(str, words)], capture_output=True, encoding="utf-8")
    if done.returncode:
        raise RuntimeError(f"gutbrain {' '.join(map(str, words))}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def run(scenario, folder, sets=()):
    """Our own trajectories and endpoints of every arm: {arm: ({column: values}, {column: text})}."""
    given = [word for text in ("solver.rtol=1e-11", *sets) for word in ("--set", text)]
    gutbrain("run", scenario, "--output", folder, "--format", "csv", "--force", "--quiet", *given)
    arms = {}
    with open(folder / "endpoints.csv", newline="", encoding="utf-8") as file:
        ends = {row["arm"]: row for row in csv.DictReader(file)}
    with open(folder / "trajectories.csv", newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        columns = next(reader)
        for row in reader:
            arms.setdefault(row[0], []).append([float(value) for value in row[2:]])
    found = {}
    for arm, rows in arms.items():
        table = dict(zip(columns[2:], numpy.array(rows).T))
        found[arm] = (table, ends[arm])
    return found


def export(scenario, arm, path, sets=()):
    given = [word for text in ("solver.rtol=1e-11", *sets) for word in ("--set", text)]
    gutbrain("model", "export", "--format", "sbml", "--scenario", scenario, "--arm", arm, "-o", path, *given)
    return path


# Sums of squares of one unit that libSBML takes for two: it squares item / (0.001 l) and 1000 item / l in binary
# floating point. Our own check of units is exact.
SQUARED = ("'burst_half * burst_half + lps_plasma * lps_plasma'",)


def check(path):
    """What libSBML finds wrong, units and modelling practice included."""
    document = libsbml.readSBMLFromFile(str(path))
    document.checkConsistency()
    return [
        f"line {error.getLine()}: {error.getErrorId()} {error.getSeverityAsString()}: {error.getMessage().strip()}"
        for error in (document.getError(i) for i in range(document.getNumErrors()))
        if not (error.getErrorId() == 10501 and any(it in error.getMessage() for it in SQUARED))
    ]


class Export:
    """What a file says, as far as values go."""

    def __init__(self, path):
        self.path = str(path)
        model = libsbml.readSBMLFromFile(self.path).getModel()
        ruled = {model.getRule(i).getVariable() for i in range(model.getNumRules())}
        self.species, self.parameters = {}, {}
        for i in range(model.getNumSpecies()):
            it = model.getSpecies(i)
            whole = it.getHasOnlySubstanceUnits()
            self.species[it.getId()] = it.getInitialAmount() if whole else it.getInitialConcentration()
        for i in range(model.getNumParameters()):
            it = model.getParameter(i)
            if it.getId() not in ruled:
                self.parameters[it.getId()] = it.getValue()
        self.rules = sorted(ruled - {"age"})
        self.names = sorted(self.species) + [name for name in self.rules if not name.startswith(("rate_", "modulator_")) and "_factor_" not in name]
        rule = model.getAssignmentRuleByVariable("age")
        self.start = rule.getMath().getChild(0).getValue()
        self.edges = []
        for i in range(model.getNumEvents()):
            trigger = model.getEvent(i).getTrigger().getMath()
            if trigger.getType() == libsbml.AST_RELATIONAL_GEQ:
                self.edges.append(trigger.getChild(1).getValue())


class RoadRunner:
    name = "libRoadRunner"

    def __init__(self, export):
        self.export = export
        self.model = roadrunner.RoadRunner(export.path)
        integrator = self.model.integrator
        integrator.relative_tolerance, integrator.absolute_tolerance = RELATIVE, ABSOLUTE
        integrator.maximum_num_steps = 1_000_000

    def give(self, export):
        """The values of another export of the same structure."""
        self.model.resetToOrigin()
        for name, value in {**export.parameters, **export.species}.items():
            self.model[name] = value

    def simulate(self, duration, steps, names):
        """Columns at `steps` + 1 even times."""
        # Whatever is asked for, what is counted per volume stands in one litre.
        self.model.timeCourseSelections = ["time", *names]
        result = self.model.simulate(0, duration, steps + 1)
        return {name: numpy.array(result[:, i + 1]) for i, name in enumerate(names)}


class Bngsim:
    """A third reader of SBML, with exact Jacobians and a sparse factorisation inside CVODE."""

    name = "bngsim"

    def __init__(self, export):
        self.model = bngsim.Model.from_sbml(export.path)
        self.simulator = bngsim.Simulator(self.model, method="ode")

    def give(self, export):
        self.model.reset()
        species = set(self.model.species_names)
        for name, value in {**export.parameters, **export.species}.items():
            # What events change is a species to it.
            if name in species:
                self.model.set_concentration(name, value)
            else:
                self.model.set_param(name, value)

    def simulate(self, duration, steps, names):
        result = self.simulator.run(t_span=(0, duration), n_points=steps + 1, rtol=RELATIVE, atol=ABSOLUTE,
                                    max_steps=1_000_000)
        columns = dict(zip(result.state_names, numpy.array(result.state).T))
        columns.update(zip(result.expression_names, numpy.array(result.expressions).T))
        columns.update(zip(result.observable_names, numpy.array(result.observables).T))
        return {name: columns[name] for name in names}


FLOOR = 1e-3


def declared_scales():
    """By species: what counts as much of it, as the model says and the solver takes it."""
    files = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "model").glob("*.toml"))]
    return {name: float(entry["scale"]) for file in files for name, entry in file.get("species", {}).items()}


SCALES = declared_scales()


def compare(export, ours, ends, peer):
    """The largest difference of every quantity, |a - b| / (|a| + 1e-3 max(|a|, scale)), and of the endpoints' ages.

    The scale is that which the model declares of a species: what rests at nothing is compared with it.

    Ages at which something is done are left out: there one program shows the state before, another after.
    """
    ages = ours["time_d"]
    every = ages[1] - ages[0]
    full = int(round((ages[-1] - ages[0]) / every + 1e-9))
    full = max(k for k in range(full + 1) if k < len(ages) and abs(ages[k] - ages[0] - k * every) < 1e-6)
    endpoints = [name for name in export.parameters if name.removesuffix("_age") + "_d" in ends]
    names = [name for name in export.names if name in ours]
    theirs = peer.simulate(full * every, full, names + endpoints)
    rows = [k for k in range(full + 1) if all(abs(ages[k] - edge) > 1e-6 for edge in export.edges)]
    differences = {}
    for name in names:
        a, b = ours[name][rows], theirs[name][rows]
        floor = FLOOR * max(abs(ours[name]).max(), SCALES.get(name, 1e-12))
        worst = numpy.max(abs(a - b) / (abs(a) + floor))
        differences[name] = float(worst) if math.isfinite(worst) else math.inf
    for name in endpoints:
        written = ends.get(name.removesuffix("_age") + "_d") or None
        theirs_at = theirs[name][-1]
        if written is None or float(written) > ages[full]:
            met = theirs_at <= ages[full] - 1e-3
            differences[name] = math.inf if met and written is None else 0.0
        else:
            differences[name] = abs(float(written) - theirs_at) / float(written)
    return differences, theirs
