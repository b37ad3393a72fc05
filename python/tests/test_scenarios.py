"""Questions: names, paths, texts, dictionaries, builders; and what is wrong with them."""

from __future__ import annotations

import pickle
import tomllib
from pathlib import Path
from typing import Any

import numpy
import pytest

import gutbrain as gb
from conftest import ROOT

SHORT = """
[subject]
preset = "mouse-wt-b6sjl"
[simulation]
start = "21 d"
stop = "60 d"
[[arm]]
name = "control"
"""


def test_every_shipped_scenario_is_known_and_checked() -> None:
    names = gb.scenarios()
    folder = ROOT / "scenarios"
    files = {it.relative_to(folder).with_suffix("").as_posix() for it in folder.rglob("*.toml")}
    assert set(names) == files
    for name in names:
        resolved = gb.check(name) if not name.startswith("base/") else ""
        assert resolved == "" or tomllib.loads(resolved)["schema"] == 1


def test_a_text_and_a_dictionary_are_the_same() -> None:
    of_text = gb.run(SHORT)
    of_dict = gb.run(tomllib.loads(SHORT))
    assert of_text.endpoints == of_dict.endpoints
    assert of_text.name == "scenario" and of_text.to_toml() == of_dict.to_toml()


def test_a_builder_gives_the_text() -> None:
    built = (
        gb.scenario(name="short", title="Short \"and\" sweet\n")
        .subject("mouse-wt-b6sjl", {"zo1_turnover": "0.5 1/day"})
        .simulation(start="21 d", stop="60 d")
        .arm("control")
        .arm("butyrate", gb.intervention("butyrate-water", dose="2 %", start="38 d"))
        .cohort(subjects=2)
        .figure("survival")
        .seed(7)
    )
    tree = tomllib.loads(built.to_toml())
    assert tree == built.to_dict()
    assert tree["arm"][1]["intervention"] == [
        {"kind": "butyrate-water", "dose": "2 %", "start": "38 d"}
    ]
    found = built.run()
    assert found.name == "short" and len(found.endpoints) == 4
    assert pickle.loads(pickle.dumps(built)) == built
    again = gb.run(found.to_toml())
    assert again.endpoints == found.endpoints


def test_a_builder_is_immutable() -> None:
    first = gb.scenario("butyrate-g93a")
    text = repr(first)
    second = first.arm("late").cohort(subjects=3).table("trial", pool=4)
    assert repr(first) == text and second != first and len({first, second}) == 2
    tree = second.to_dict()
    tree["arm"].clear()
    assert second.to_dict()["arm"] == [{"name": "late"}]


def test_a_builder_extends_shipped_scenarios_and_files(results: gb.Results) -> None:
    late = gb.intervention("butyrate-water", dose="2 %", start="80 d")
    for base in ("butyrate-g93a", ROOT / "scenarios" / "butyrate-g93a.toml"):
        told = gb.scenario(base, name="butyrate-g93a").arm("late", late)
        found = told.run()
        assert found.endpoints["arm"].to_list() == ["control", "butyrate", "late"]
        assert found.endpoints["death_d"].to_list()[:2] == results.endpoints["death_d"].to_list()
        assert gb.run(told.to_toml()).endpoints == found.endpoints


@pytest.mark.filterwarnings("ignore:.* is extrapolated")
def test_changes_have_types() -> None:
    dose = gb.run("butyrate-g93a", set={"arm.butyrate.dose": "1 %"}, arm="butyrate")
    assert dose.endpoints["arm"].to_list() == ["butyrate"]
    assert 'dose = "1 %"' in dose.to_toml()
    for value in (1e-8, numpy.float64(1e-8)):
        assert "rtol = 1e-8" in gb.check("butyrate-g93a", set={"solver.rtol": value}).replace("0.00000001", "1e-8")
    resolved = gb.check("butyrate-g93a", set={"output.ages": ("30 d", "40 d")})
    assert tomllib.loads(resolved)["output"]["ages"] == ["30 d", "40 d"]


def test_all_faults_at_once_with_their_places() -> None:
    wrong = SHORT.replace("mouse-wt-b6sjl", "mouse-wt-b6sj") + 'dose = "2 %"\n'
    with pytest.raises(gb.ScenarioError) as caught:
        gb.run(wrong)
    error = caught.value
    assert isinstance(error, ValueError) and len(error.faults) == 2
    fault = error.faults[0]
    assert (fault.file, fault.line) == ("scenario.toml", 3)
    assert "mouse-wt-b6sj" in fault.message and "did you mean" in (fault.help or "")
    assert "scenario.toml:3" in str(error) and "\x1b" not in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) and again.faults == error.faults


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("butyrat-g93a", "did you mean `butyrate-g93a`"),
        ("", "no shipped scenario is called ''"),
        ("../../etc/passwd", "no shipped scenario"),
        ("nowhere.toml", "cannot read `nowhere.toml`"),
        ("a = [", "TOML|close|expected|missing"),
        ("title = 1\n", "title"),
        ({}, "subject"),
        ({"title": None}, "`title` is nothing"),
        ({"title": float("nan")}, "no finite number"),
        ({"seed": 2**80}, "64 bits"),
        ({1: 2}, "is no text"),
        ({"a": b"bytes"}, "a bytes, which no scenario holds"),
        ({"title": "\ud800"}, "half a character"),
        (3, "a int is no scenario"),
        (None, "a NoneType is no scenario"),
        (b"bytes", "a bytes is no scenario"),
        ("x" * 100_000, "no shipped scenario"),
        ("\0", "no shipped scenario"),
        ("a\0.toml", "cannot read"),
        ("#" * 20_000_000 + "\n", "bytes|subject"),
        ("a = " + "[" * 100_000 + "\n", "deep|nest|levels|recursion|bracket"),
    ],
    ids=lambda it: repr(it)[:30],
)
def test_what_is_no_question_is_refused_with_advice(question: Any, message: str) -> None:
    with pytest.raises(gb.ScenarioError, match=message):
        gb.run(question)


def test_a_dictionary_that_holds_itself() -> None:
    tree: dict[str, Any] = {"subject": {}}
    tree["subject"]["again"] = tree["subject"]
    with pytest.raises(gb.ScenarioError, match="contains itself"):
        gb.run(tree)
    held: list[Any] = []
    held.append(held)
    with pytest.raises(gb.ScenarioError, match="levels"):
        gb.run({"title": held})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"set": ["a=1"]}, "is no dictionary"),
        ({"set": {"nonsense": 1}}, "nonsense"),
        ({"set": {"a=b": 1}}, "is no name"),
        ({"set": {"solver.rtol": None}}, "nothing"),
        ({"arm": "nobody"}, "no arm `nobody`"),
        ({"seed": -1}, "seed -1"),
        ({"threads": 0}, "no threads at all"),
        ({"threads": 10_000}, "four for each"),
        ({"format": "xlsx"}, "no format of tables"),
        ({"model": "nowhere"}, "cannot read the model folder `nowhere`"),
    ],
    ids=lambda it: repr(it)[:30],
)
def test_options_without_a_meaning(options: dict[str, Any], message: str) -> None:
    with pytest.raises(gb.ScenarioError, match=message):
        gb.run("butyrate-g93a", **options)
    if "threads" not in options:
        with pytest.raises(gb.ScenarioError, match=message):
            gb.sensitivity("sensitivity/local-butyrate", **options)


def test_a_model_of_a_folder(results: gb.Results, tmp_path: Path) -> None:
    folder = ROOT / "model"
    assert gb.Model(folder).hash == gb.model.hash
    found = gb.run("butyrate-g93a", model=folder)
    assert found.endpoints == results.endpoints
    assert found.manifest["model"]["label"] == str(folder)
    assert found.plot("axis").svg == results.plot("axis").svg


def test_figures_are_the_programs_own(results: gb.Results, tmp_path: Path) -> None:
    axis = results.plot("axis")
    assert axis._repr_svg_().encode() == results.file("figures/axis.svg")
    for ending in ("svg", "pdf", "png", "csv", "txt"):
        written = axis.save(tmp_path / f"axis.{ending}")
        assert written.read_bytes() == results.file(f"figures/axis.{ending}")
    with pytest.raises(gb.ScenarioError, match="end it with"):
        axis.save(tmp_path / "axis.gif")
    # A kind that the scenario does not ask for, and curves by name.
    assert "immune" not in results.figures
    assert results.plot("immune").svg.startswith("<svg")
    assert "zo1" in results.plot("trajectories", show=["zo1"]).csv
    with pytest.raises(gb.ScenarioError, match="kinds: trajectories, axis"):
        results.plot("pie")
    with pytest.raises(gb.GutbrainError, match="nonsense"):
        results.plot("trajectories", show=["nonsense"])
    assert results.plot().name == next(iter(results.figures))


def test_warnings_are_said_and_kept() -> None:
    with pytest.warns(gb.ResultWarning) as heard:
        found = gb.run(
            "butyrate-g93a", set={"solver.maximum_steps": 10}, arm="control"
        )
    assert found.counts == gb.Counts(1, 0, 1)
    assert any("1 of 1 runs failed" in warning for warning in found.warnings)
    assert heard[0].filename == __file__
    assert found.endpoints["status"].to_list() == ["failed"]
    assert found.endpoints["death_d"].to_list() == [None]


def test_folders_that_are_no_results(results: gb.Results, tmp_path: Path) -> None:
    with pytest.raises(gb.StorageError, match="is not a complete run folder"):
        gb.read(tmp_path)
    folder = results.save(tmp_path / "run", sync=False)
    (folder / "endpoints.csv").write_text("arm,death_d\ncontrol,1000\n")
    with pytest.raises(gb.StorageError, match="`endpoints.csv` was changed after the run"):
        gb.read(folder)
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace("endpoints.csv", "../../endpoints.csv"))
    with pytest.raises(gb.StorageError, match="no file of a run"):
        gb.read(folder)
    manifest.write_text("{" * 100_000)
    with pytest.raises(gb.StorageError):
        gb.read(folder)
