"""Features as a function of parameters: the program's numbers, in lanes, with exact derivatives."""

from __future__ import annotations

import pickle
import sys
from typing import Any

import numpy
import pandas
import pytest

import gutbrain as gb

PARAMETERS = ["zo1_turnover", "il17_clearance"]
FEATURES = ["difference life vs control", "control: observable zo1 at 60 d"]


@pytest.fixture(scope="module")
def f() -> gb.Predictor:
    return gb.Predictor("butyrate-g93a", PARAMETERS, FEATURES)


def test_values_are_those_of_a_run(f: gb.Predictor, results: gb.Results) -> None:
    assert f.parameters == PARAMETERS
    assert f.features == ["butyrate: difference life vs control", "control: observable zo1 at 60 d"]
    control, butyrate = results.endpoints["death_d"].to_list()
    gain, zo1 = f(f.values)
    assert gain == pytest.approx(butyrate - control, rel=1e-9)
    rows = results.trajectories.rows()
    expected = next(it["zo1"] for it in rows if it["arm"] == "control" and it["time_d"] == 60.0)
    assert zo1 == pytest.approx(expected, rel=1e-6)
    assert f.feature_units[0] == "d" and len(f.parameter_units) == 2


def test_a_matrix_is_its_rows(f: gb.Predictor) -> None:
    scales = numpy.linspace(0.8, 1.2, 13)
    theta = f.values * scales[:, None]
    together = f(theta)
    assert together.shape == (13, 2) and together.dtype == numpy.float64
    for row, alone in zip(together, theta, strict=True):
        assert (f(alone) == row).all()
    assert (f(pandas.DataFrame(theta)) == together).all()
    one = gb.Predictor("butyrate-g93a", PARAMETERS, FEATURES, threads=1)
    assert (one(theta.tolist()) == together).all()


def test_the_jacobian_is_that_of_the_sensitivity_study(f: gb.Predictor) -> None:
    """The local study of the command line has (dF/dp) p / F for every parameter."""
    outputs = ["difference life vs control", "control: observable zo1 at 60 d"]
    study = gb.sensitivity("butyrate-g93a", set={
        "sensitivity.method": "local",
        "sensitivity.outputs": outputs,
        "sensitivity.factors": PARAMETERS,
    })
    values, jacobian = f.value_and_jacobian(f.values)
    assert jacobian.shape == (2, 2) and values.shape == (2,)
    found = 0
    for row in study.sensitivity.rows():
        if row["index"] == "elasticity" and row["parameter"] in PARAMETERS and row["value"] is not None:
            output, parameter = f.features.index(row["output"]), PARAMETERS.index(row["parameter"])
            elasticity = jacobian[output, parameter] * f.values[parameter] / values[output]
            assert elasticity == pytest.approx(row["value"], rel=1e-12)
            found += 1
    assert found == 4


def test_the_jacobian_is_the_slope_of_the_function() -> None:
    g = gb.Predictor(
        "butyrate-g93a",
        PARAMETERS,
        ["control: observable zo1 at 60 d", "butyrate: area permeability from 60 d to 100 d"],
        set={"solver.rtol": 1e-11, "solver.atol": 1e-13},
    )
    jacobian = g.jacobian(g.values)
    for column, value in enumerate(g.values):
        step = numpy.zeros(2)
        step[column] = 1e-4 * value
        slope = (g(g.values + step) - g(g.values - step)) / (2 * step[column])
        assert jacobian[:, column] == pytest.approx(slope, rel=1e-4, abs=1e-9)


def test_what_has_no_value_says_why() -> None:
    features = ["death", "observable zo1 at 60 d"]
    g = gb.Predictor("wild-type", ["zo1_turnover"], features, arm="control")
    death, zo1 = g(g.values)
    assert numpy.isnan(death) and numpy.isfinite(zo1)
    with pytest.raises(gb.SimulationError, match="death.*was not reached"):
        g(g.values, missing="raise")
    with pytest.raises(gb.SimulationError, match="no derivative: death was not reached"):
        g.jacobian(g.values)


def test_the_problem_is_one_of_salib(f: gb.Predictor) -> None:
    from SALib.analyze import morris as analyse  # type: ignore[import-untyped]
    from SALib.sample import morris as sample  # type: ignore[import-untyped]

    problem = f.problem
    declared = {it["id"]: it for it in gb.model.parameters.rows()}
    assert problem["bounds"] == [[declared[n]["lower"], declared[n]["upper"]] for n in PARAMETERS]
    theta = sample.sample(problem, 4, seed=1)
    found = analyse.analyze(problem, theta, f(theta)[:, 1], seed=1)
    assert found["mu_star"][0] > 0


def test_without_numpy_there_are_lists(f: gb.Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    values = f.values.tolist()
    expected = f([values, values]).tolist()
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert f([values, values]) == expected
    assert f(values) == expected[0]
    assert len(f.jacobian(values)) == 2


def test_it_pickles_as_its_arguments(f: gb.Predictor) -> None:
    again = pickle.loads(pickle.dumps(f))
    assert (again(f.values) == f(f.values)).all()
    built = gb.scenario("butyrate-g93a").solver(rtol=1e-5)
    g = gb.Predictor(built, PARAMETERS[:1], ["control: observable zo1 at 60"])
    assert (pickle.loads(pickle.dumps(g))(g.values) == g(g.values)).all()


@pytest.mark.parametrize(
    ("theta", "message"),
    [
        ([1.0], "has 1 numbers, and there are 2 parameters"),
        ([[1.0, 1.0], [1.0]], "vector 1 has 1 numbers"),
        ([1.0, float("inf")], "no finite number"),
        ("theta", "neither a vector"),
        (None, "neither a vector"),
        ([[[1.0]]], "neither a vector"),
        ([], "has 0 numbers"),
    ],
)
def test_vectors_without_a_meaning(theta: Any, message: str, f: gb.Predictor) -> None:
    with pytest.raises(gb.ScenarioError, match=message):
        f(theta)


@pytest.mark.parametrize(
    ("parameters", "features", "message"),
    [
        ([], ["life"], "at least one parameter"),
        ("zo1_turnover", ["life"], "is one text"),
        (["zo1_turnove"], ["life"], "no parameter `zo1_turnove`\n  help: did you mean"),
        (["zo1_turnover"] * 2, ["life"], "named twice"),
        (["zo1_turnover"], ["tail length"], "is no feature"),
        (["zo1_turnover"], ['"]\nseed = 3'], "is no feature"),
        (["zo1_turnover"], ["observable nonsense at 60"], "no observable or species `nonsense`"),
        (["zo1_turnover"], ["observable zo1 at 6000"], "no age between"),
        (["zo1_turnover"], ["median survival"], "for cohorts"),
    ],
)
def test_predictors_without_a_meaning(parameters: Any, features: Any, message: str) -> None:
    with pytest.raises(gb.ScenarioError, match=message):
        gb.Predictor("butyrate-g93a", parameters, features)
