"""What the model declares, as tables."""

from __future__ import annotations

import pickle

import pytest

import gutbrain as gb

KINDS = [
    "assignments", "compartments", "events", "evidence", "interventions", "modulators",
    "observables", "parameters", "processes", "species", "subjects",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_table(kind: str) -> None:
    table = getattr(gb.model, kind)
    ids = table["id"].to_list()
    assert len(ids) > 0 and ids == sorted(ids)
    assert all(says for says in table["says"])
    assert table == gb.model.table(kind)


def test_numbers_have_units_and_grounds() -> None:
    for row in gb.model.parameters.rows():
        assert row["unit"] and (row["evidence"] or row["assumed"] or row["role"] == "input"), row
        if row["lower"] is not None:
            assert row["lower"] < row["upper"]


def test_evidence_that_is_named_is_there() -> None:
    known = set(gb.model.evidence["id"])
    for kind in ("parameters", "processes", "species"):
        for cell in gb.model.table(kind)["evidence"]:
            assert set(cell.split()) <= known


def test_the_model_is_the_one_that_runs(results: gb.Results) -> None:
    assert gb.model.hash == results.manifest["model"]["sha256"]
    assert set(gb.model.species["id"]) <= set(results.trajectories.columns)


def test_models_pickle_and_folders_are_checked() -> None:
    assert pickle.loads(pickle.dumps(gb.model)).hash == gb.model.hash
    with pytest.raises(gb.ScenarioError, match="cannot read the model folder"):
        _ = gb.Model("nowhere").species
    with pytest.raises(gb.ScenarioError, match="no kind of entry"):
        gb.model.table("nonsense")
    with pytest.raises(gb.ScenarioError, match="at least one"):
        gb.model.show()
