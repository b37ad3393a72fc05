"""Outside oracles of the sensitivity estimators: SALib (Morris, Sobol), pingouin (PRCC), SciPy (points).

Each draws a sample of its own, computes a test function on it, and its indices are compared with those
that gutbrain's estimators find on the same sample: |difference| below 1e-9.
"""

import csv
import io
import subprocess
import warnings
from pathlib import Path

import numpy
import pandas
import pingouin
from SALib.analyze import morris as analyze_morris
from SALib.analyze import sobol as analyze_sobol
from SALib.sample import morris as sample_morris
from SALib.sample import sobol as sample_sobol
from scipy.stats import qmc

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 1e-9
INPUTS = 6
PROBLEM = {
    "num_vars": INPUTS,
    "names": [f"x{i}" for i in range(INPUTS)],
    "bounds": [[0.0, 1.0]] * INPUTS,
}


def gutbrain(*arguments, rows=None):
    """The rows that the example program answers with."""
    buffer = io.StringIO()
    if rows is not None:
        csv.writer(buffer, lineterminator="\n").writerows(
            [[repr(float(x)) for x in row] for row in rows]
        )
    command = ["cargo", "run", "--quiet", "--release", "--package", "gutbrain-statistics"]
    command += ["--example", "sensitivity", "--", *map(str, arguments)]
    answer = subprocess.run(
        command, cwd=ROOT, input=buffer.getvalue(), capture_output=True, text=True, check=True
    )
    return numpy.array([[float(x) for x in row] for row in csv.reader(io.StringIO(answer.stdout))])


def function(x):
    """Curved, with interactions; the last input does nothing."""
    return (
        numpy.sin(6 * x[:, 0])
        + 7 * numpy.sin(5 * x[:, 1]) ** 2
        + 3 * x[:, 2] ** 4 * numpy.sin(6 * x[:, 0])
        + x[:, 3] * x[:, 4]
        + 40
    )


def compare(what, ours, theirs):
    worst = numpy.max(numpy.abs(ours - theirs))
    print(f"{what}: largest difference {worst:.1e}")
    if not worst < LIMIT:
        raise SystemExit(f"{what}: {ours} differs from {theirs}")


def compare_morris():
    x = sample_morris.sample(PROBLEM, 50, num_levels=6, seed=1)
    y = function(x)
    found = analyze_morris.analyze(PROBLEM, x, y, num_levels=6, seed=1)
    theirs = numpy.array([found["mu"], found["mu_star"], found["sigma"]], dtype=float).T
    ours = gutbrain("morris", INPUTS, rows=numpy.column_stack([x, y]))
    compare("Morris mu, mu*, sigma (SALib)", ours, theirs)


def compare_sobol():
    x = sample_sobol.sample(PROBLEM, 512, calc_second_order=False, seed=1)
    y = function(x)
    found = analyze_sobol.analyze(PROBLEM, y, calc_second_order=False, seed=1)
    theirs = numpy.array([found["S1"], found["ST"]]).T
    ours = gutbrain("sobol", INPUTS, rows=numpy.column_stack([x, y]))
    compare("Sobol first and total order (SALib)", ours, theirs)


def compare_rank_correlation():
    draw = numpy.random.default_rng(1)
    x = draw.uniform(size=(200, INPUTS))
    # Inputs that depend on each other, and ties: what ranks and partial correlations are for.
    x[:, 1] = 0.7 * x[:, 0] + 0.3 * x[:, 1]
    x[:, 4] = numpy.round(x[:, 4], 1)
    y = numpy.round(numpy.exp(3 * x[:, 0] - 2 * x[:, 1] + x[:, 3] + draw.normal(size=200)), 1)
    table = pandas.DataFrame(numpy.column_stack([x, y]), columns=[*PROBLEM["names"], "y"])
    theirs = []
    for name in PROBLEM["names"]:
        others = [other for other in PROBLEM["names"] if other != name]
        row = pingouin.partial_corr(table, name, "y", covar=others, method="spearman")
        column = "p_val" if "p_val" in row else "p-val"
        theirs.append([row["r"].iloc[0], row[column].iloc[0]])
    ours = gutbrain("prcc", INPUTS, rows=table.to_numpy())
    compare("partial rank correlation and p value (pingouin)", ours, numpy.array(theirs))


def compare_points():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = qmc.Sobol(300, scramble=False).random(2000)
    ours = gutbrain("points", 300, 2000)
    if not (ours == theirs).all():
        raise SystemExit("Sobol points differ from SciPy's")
    print("Sobol points (SciPy): equal in 300 coordinates")


if __name__ == "__main__":
    compare_points()
    compare_morris()
    compare_sobol()
    compare_rank_correlation()
