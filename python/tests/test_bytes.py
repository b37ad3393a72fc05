"""The package writes what the command writes, byte for byte."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

import gutbrain as gb
from conftest import ROOT, Files, files_of

Command = Callable[..., Files]

FEW = {"cohort.subjects": 5}
SMALL_TRIAL = {"trial.pool": 100, "trial.replicates": 100}


def options(changes: dict[str, int]) -> list[str]:
    return [part for name, value in changes.items() for part in ("--set", f"{name}={value}")]


def all_files(results: gb.Results) -> Files:
    return {name: results.file(name) for name in results.files}


def test_a_run(results: gb.Results, command: Command, tmp_path: Path) -> None:
    expected = command("run", "scenarios/butyrate-g93a.toml")
    assert "figures/axis.svg" in expected and "trajectories.parquet" in expected
    assert all_files(results) == expected
    folder = results.save(tmp_path / "run", sync=False)
    assert files_of(folder) == expected
    assert all_files(gb.read(folder)) == expected


def test_a_cohort_and_its_late_figures(cohort: gb.Results, command: Command) -> None:
    expected = command("run", "scenarios/butyrate-g93a-cohort.toml", *options(FEW))
    assert "figures/survival.svg" in expected
    assert all_files(cohort) == expected


def test_any_number_of_threads_gives_the_same(cohort: gb.Results) -> None:
    alone = gb.run("butyrate-g93a-cohort", set=FEW, threads=1)
    assert all_files(alone) == all_files(cohort)


def test_tables_as_text(command: Command) -> None:
    expected = command("run", "scenarios/butyrate-g93a-cohort.toml", "--format", "csv", *options(FEW))
    found = gb.run("butyrate-g93a-cohort", set=FEW, format="csv")
    assert all_files(found) == expected


def test_a_scenario_that_saves_too_little_for_late_figures(command: Command) -> None:
    saved = ["--set", "output.trajectories=none"]
    expected = command("run", "scenarios/butyrate-g93a.toml", *saved)
    found = gb.run("butyrate-g93a", set={"output.trajectories": "none"})
    assert "trajectories" not in found and "axis" in found.figures
    assert all_files(found) == expected


def test_a_trial(command: Command) -> None:
    expected = command("trial", "scenarios/trials/butyrate-trial.toml", *options(SMALL_TRIAL))
    found = gb.trial("trials/butyrate-trial", set=SMALL_TRIAL)
    assert all_files(found) == expected
    assert found.trial["value"].kind == "number"


def test_a_path_is_the_file(results: gb.Results) -> None:
    found = gb.run(ROOT / "scenarios" / "butyrate-g93a.toml")
    assert all_files(found) == all_files(results)
    again = gb.run(str(ROOT / "scenarios" / "butyrate-g93a.toml"))
    assert again.endpoints == results.endpoints


@pytest.mark.parametrize("by", ["name", "path"])
def test_a_sweep(by: str, command: Command) -> None:
    small = {"sweep.factor.2.levels": 2, "sweep.factor.3.levels": 2}
    path = ROOT / "scenarios" / "sweeps" / "dose-by-start.toml"
    expected = command("sweep", str(path), *options(small))
    found = gb.sweep("sweeps/dose-by-start" if by == "name" else path, set=small)
    assert all_files(found) == expected
    assert len(found.sweep) == 16 and len(found.figures) > 0


def test_shards_merge_to_the_whole(tmp_path: Path) -> None:
    small = {"sweep.factor.2.levels": 2, "sweep.factor.3.levels": 2}
    ask = "sweeps/dose-by-start"
    whole = gb.sweep(ask, set=small)
    parts = [gb.sweep(ask, set=small, shard=(number, 2)) for number in (1, 2)]
    assert all_files(gb.merge(*reversed(parts))) == all_files(whole)
    # Shards on a disk, one of them by the command.
    first = parts[0].save(tmp_path / "1", sync=False)
    second = gb.sweep(ask, set=small, shard=(2, 2), output=tmp_path / "2")
    assert all_files(second) == all_files(parts[1])
    merged = gb.merge(first, tmp_path / "2")
    assert all_files(merged) == all_files(whole)
    assert merged.manifest["fingerprint"] == whole.manifest["fingerprint"]
    # What was finished is not done again.
    again = gb.sweep(ask, set=small, shard=(2, 2), output=tmp_path / "2", resume=True)
    assert again.manifest == second.manifest
    with pytest.raises(gb.ScenarioError, match="points 1 to .* are in no shard"):
        gb.merge(parts[1])
    with pytest.raises(gb.ScenarioError, match="no shards"):
        gb.merge()
    with pytest.raises(gb.ScenarioError, match="is no shard"):
        gb.sweep(ask, shard=(3, 2))
    with pytest.raises(gb.ScenarioError, match="needs the output folder"):
        gb.sweep(ask, resume=True)


def test_a_sensitivity_study(command: Command, tmp_path: Path) -> None:
    few = 'sensitivity.factors=["zo1_turnover", "il17_clearance"]'
    expected = command("sensitivity", "scenarios/sensitivity/local-butyrate.toml", "--set", few)
    chosen = {"sensitivity.factors": ["zo1_turnover", "il17_clearance"]}
    found = gb.sensitivity("sensitivity/local-butyrate", set=chosen)
    assert all_files(found) == expected
    kept = gb.sensitivity("sensitivity/local-butyrate", set=chosen, output=tmp_path / "kept")
    assert all_files(kept) == expected
    assert kept.manifest["fingerprint"] == found.manifest["fingerprint"]
    assert set(found.sensitivity["parameter"]) == set(chosen["sensitivity.factors"])


def test_an_attribution(command: Command) -> None:
    early = {"simulation.stop": "60 d", "output.ages": ["60 d"]}
    feature = "observable zo1 at 60 d"
    changes = ["--set", "simulation.stop=60 d", "--set", 'output.ages=["60 d"]']
    options = ["--feature", feature, "--vectors", "0"]
    expected = command("attribute", "scenarios/butyrate-g93a.toml", *options, *changes)
    found = gb.attribute("butyrate-g93a", feature=feature, vectors=0, set=early)
    assert all_files(found) == expected
    assert "barrier" in found.attribution["pathway"].to_list()


def test_biomarkers(command: Command) -> None:
    few = {"cohort.subjects": 40}
    expected = command("biomarkers", "scenarios/biomarkers/mice.toml", *options(few), "--window", "14 d")
    found = gb.biomarkers("biomarkers/mice", set=few, window="14 d")
    assert all_files(found) == expected
    assert len(found.biomarkers) > 1 and len(found.cross_section) > 1
    with pytest.raises(gb.ScenarioError, match="nobody comes to `cold`"):
        gb.biomarkers("biomarkers/mice", set=few, event="cold")
    with pytest.raises(gb.ScenarioError, match="needs a cohort that is measured"):
        gb.biomarkers("butyrate-g93a")


def test_a_variant_is_that_of_the_command(results: gb.Results, command: Command, tmp_path: Path) -> None:
    name = "one-site-receptors"
    expected = command("run", "scenarios/butyrate-g93a.toml", "--variant", name)
    found = gb.run("butyrate-g93a", variant=name)
    assert all_files(found) == expected
    assert found.endpoints["death_d"].to_list() != results.endpoints["death_d"].to_list()
    assert found.manifest["model"]["variant"] == name
    assert all_files(gb.read(found.save(tmp_path / "variant", sync=False))) == expected
    with pytest.raises(gb.ScenarioError, match="no-such"):
        gb.run("butyrate-g93a", variant="no-such")


def test_a_report_is_that_of_the_command(results: gb.Results, tmp_path: Path) -> None:
    folder = results.save(tmp_path / "run", sync=False)
    gb.report(folder, tmp_path / "page.html", credibility=True)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Butyrate in drinking water" in page and "for a person to answer" in page
    with pytest.raises(gb.GutbrainError):
        gb.report(tmp_path / "nowhere", tmp_path / "other.html")


def test_pickled_results_are_the_same(results: gb.Results, cohort: gb.Results) -> None:
    early = gb.run("butyrate-g93a")
    assert not early._core.names[0].startswith("figures/")
    for one in (results, cohort, early):
        again = pickle.loads(pickle.dumps(one))
        assert all_files(again) == all_files(one)
        assert (again.counts, again.warnings) == (one.counts, one.warnings)


def test_the_manifest_is_that_of_the_command(results: gb.Results, tmp_path: Path) -> None:
    saved = gb.read(results.save(tmp_path / "a", sync=False)).manifest
    assert saved["identity"] == {"scenario": "butyrate-g93a", "command": "run"}
    assert saved["model"]["sha256"] == gb.model.hash
    assert set(saved["files"]) == set(results.files)
    changed = gb.run("butyrate-g93a", set={"zo1_turnover": "0.3 1/day"}, seed=3).manifest
    assert changed["changes"] == ['--set zo1_turnover="0.3 1/day"', "--seed 3"]


def test_what_no_run_wrote_is_never_replaced(results: gb.Results, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("dear")
    with pytest.raises(gb.StorageError, match="is not an earlier run"):
        results.save(tmp_path / "letters", force=True)
    assert (tmp_path / "letters" / "dear.txt").read_text() == "dear"
