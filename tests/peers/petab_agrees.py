"""A calibration as PEtab: the checker finds nothing, and the objective computed outside equals ours.

The problem is exported once; COPASI simulates its SBML under the problem's conditions, the petab package
computes chi-square and priors from its tables. (Not libRoadRunner: at birth some species are zero and nearly
everything is at rest, and CVODE's difference quotients for such species are rounding noise there.) The same at random points of the parameters' ranges,
where ours comes from a second export that starts there: so what the problem holds as numbers must be
right away from its nominal values too. Limit: 1e-6, relative.
"""

import copy
import math
import random
import sys

import pandas
import petab.v1 as petab
import sympy
from petab.v1.lint import lint_problem
from petab.v1.math import sympify_petab
from petab.v1.priors import Prior

from copasi_model import CopasiAlone
from exported import ROOT, RUNS, Export, check, gutbrain

CALIBRATION = ROOT / "calibration/foundation.toml"
LIMIT = 1e-6
POINTS = 2
# What needs two arms at once, and priors that PEtab has no words for, or whose parameter is not estimated.
LEFT_OUT = ("difference between two arms", "ratio of two arms", "holds as a number", "weak pull")


def export(folder, sets=()):
    given = [word for text in ("solver.rtol=1e-11", *sets) for word in ("--set", text)]
    gutbrain("model", "export", "--format", "petab", "--calibration", CALIBRATION, "-o", folder, "--quiet", *given)
    return folder


class Simulator:
    def __init__(self, folder):
        self.problem = petab.Problem.from_yaml(str(folder / "problem.yaml"))
        self.export = Export(folder / "model.xml")
        self.peer = CopasiAlone(self.export)

    def values(self, condition, point):
        """What a condition and the parameters give to the quantities of the model."""
        columns = self.problem.condition_df.columns
        row = self.problem.condition_df.loc[condition].drop("conditionName")
        given = {name: value for name, value in point.items() if name not in columns and name in self.export.parameters}
        for name, value in row.items():
            given[name] = point[value] if isinstance(value, str) and value in point else float(value)
        return given

    def simulations(self, point):
        """The simulation table at a point."""
        table = self.problem.measurement_df.copy().rename(columns={"measurement": "simulation"})
        table["simulation"] = math.nan
        for condition, rows in table.groupby("simulationConditionId"):
            given = copy.copy(self.export)
            given.parameters = {**self.export.parameters, **self.values(condition, point)}
            self.peer.give(given)
            formulas = {i: sympify_petab(self.problem.observable_df.loc[rows.observableId[i], "observableFormula"])
                        for i in rows.index}
            names = sorted({str(symbol) for formula in formulas.values() for symbol in formula.free_symbols
                            if not str(symbol).startswith("observableParameter")})
            # Ages of measurements are whole days.
            days = int(rows.time.max())
            assert (rows.time == rows.time.round()).all()
            curves = self.peer.simulate(days, days, names)
            for i, row in rows.iterrows():
                known = {name: float(curve[int(row.time)]) for name, curve in curves.items()}
                texts = str(row.observableParameters).split(";") if not pandas.isna(row.observableParameters) else []
                for place, text in enumerate(texts, 1):
                    known[f"observableParameter{place}_{row.observableId}"] = float(text)
                formula = formulas[i]
                symbols = sorted(formula.free_symbols, key=str)
                value = sympy.lambdify(symbols, formula, "math")(*(known[str(symbol)] for symbol in symbols))
                table.loc[i, "simulation"] = float(value)
        return table

    def chi_square(self, simulations):
        p = self.problem
        return petab.calculate_chi2(p.measurement_df, simulations, p.observable_df, p.parameter_df)

    def priors(self, point):
        """Twice the negative log-density of the priors on the parameters' scales, above its least value."""
        total = 0.0
        for name, row in self.problem.parameter_df.iterrows():
            if row.estimate and isinstance(row.objectivePriorType, str):
                prior = Prior.from_par_dict({"parameterId": name, **row.to_dict()}, type_="objective")
                centre = float(row.objectivePriorParameters.split(";")[0])
                here = petab.scale(point[name], row.parameterScale)
                densities = [float(prior.pdf(x, x_scaled=True, rescale=True)) for x in (here, centre)]
                total += 2 * math.log(densities[1] / densities[0])
        return total


def ours(folder):
    terms = pandas.read_csv(folder / "terms.tsv", sep="\t", keep_default_na=False)
    said = terms[terms.petab == "yes"]
    squares = {kind: float((rows.residual.replace("", 0).astype(float) ** 2).sum()) for kind, rows in said.groupby("kind")}
    return terms, squares


def close(what, a, b):
    off = abs(a - b) / max(abs(a), 1e-3)
    print(f"  {what}: {a:.9g} outside, {b:.9g} ours ({off:.1e})")
    if not off <= LIMIT:
        sys.exit(f"{what}: {a!r} outside, {b!r} ours")


def main():
    folder = export(RUNS / "petab")
    if wrong := check(folder / "model.xml"):
        sys.exit(f"PEtab's SBML: {wrong[:3]}")
    simulator = Simulator(folder)
    if lint_problem(simulator.problem):
        sys.exit("petablint finds faults")
    terms, _ = ours(folder)
    without = terms[terms.petab == "no"]
    unexplained = [name for name, why in zip(without.term, without.why_not) if not any(it in why for it in LEFT_OUT)]
    if unexplained:
        sys.exit(f"left out without a known reason: {unexplained}")
    parameters = simulator.problem.parameter_df
    nominal = {name: float(value) for name, value in parameters.nominalValue.items()}
    print(f"PEtab: {len(simulator.problem.measurement_df)} measurements, {len(parameters)} parameters, "
          f"{len(without)} terms left out by name; petablint finds nothing")
    draw = random.Random(6)
    for number in range(POINTS + 1):
        point, sets = dict(nominal), []
        if number:
            for name, row in parameters.iterrows():
                if row.estimate:
                    moved = nominal[name] * math.exp(draw.uniform(-0.15, 0.15))
                    point[name] = min(max(moved, row.lowerBound), row.upperBound)
                    sets.append(f"{row.parameterName}={point[name]!r}")
        there = export(RUNS / f"petab-{number}", sets) if number else folder
        simulations = simulator.simulations(point)
        mine = pandas.read_csv(there / "simulations.tsv", sep="\t").simulation
        worst = float((abs(simulations.simulation - mine) / (abs(mine) + 1e-3)).max())
        _, squares = ours(there)
        print(f"point {number}: simulations differ by at most {worst:.1e}")
        if not worst <= LIMIT:
            sys.exit(f"{simulations.assign(ours=mine)}")
        close("chi-square", simulator.chi_square(simulations), squares["target"])
        close("priors", simulator.priors(point), squares["prior"])


if __name__ == "__main__":
    main()
