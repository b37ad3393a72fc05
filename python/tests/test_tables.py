"""Tables reach the libraries that people work with: same numbers, units, no copies."""

from __future__ import annotations

import math
import pickle
import sys
from collections.abc import Callable
from typing import Any

import numpy
import pandas
import polars
import pyarrow  # type: ignore[import-untyped]
import pytest

import gutbrain as gb


def test_pyarrow_reads_the_same_memory(results: gb.Results) -> None:
    table = results.trajectories
    arrow = table.to_pyarrow()
    assert arrow.column_names == table.columns and arrow.num_rows == len(table)
    for name in ("time_d", "zo1"):
        chunk = arrow.column(name).chunk(0)
        here = table._core.address(name)
        assert chunk.buffers()[1].address == here
        # And NumPy and polars on top of it.
        assert chunk.to_numpy(zero_copy_only=True).ctypes.data == here
        frame = polars.DataFrame(table)
        assert frame[name].to_arrow().buffers()[1].address == here
    assert arrow.field("zo1").metadata[b"unit"].decode() == table.units["zo1"]
    assert arrow.field("time_d").metadata[b"meaning"] == b"Age in days from birth"


def test_memory_outlives_its_table() -> None:
    arrow = gb.run("wild-type").trajectories.to_pyarrow()
    other = pyarrow.schema(gb.model.species)
    assert other.names[0] == "id"
    assert math.isclose(arrow.column("time_d")[0].as_py(), 21.0)


def test_a_capsule_that_nobody_takes_is_let_go(results: gb.Results) -> None:
    for _ in range(100):
        results.endpoints.__arrow_c_stream__()
        results.endpoints.__arrow_c_schema__()


def test_every_library_has_the_same_numbers(results: gb.Results, cohort: gb.Results) -> None:
    for one in (results, cohort):
        for name in one.tables:
            table = one[name]
            by_column = table.to_dict()
            frame = table.to_pandas()
            assert list(frame.columns) == table.columns
            assert table.to_polars().to_dict(as_series=False) == by_column
            assert table.to_pyarrow().to_pydict() == by_column
            for column in table.columns:
                values = [None if pandas.isna(it) else it for it in frame[column]]
                assert values == by_column[column], (name, column)
                array = numpy.asarray(table[column])
                assert array.shape == (len(table),)


def test_a_table_is_the_same_from_either_format(cohort: gb.Results) -> None:
    as_text = gb.run("butyrate-g93a-cohort", set={"cohort.subjects": 5}, format="csv")
    assert as_text.tables == cohort.tables
    for name in cohort.tables:
        assert as_text[name] == cohort[name]
        for column in cohort[name]:
            assert as_text[name][column].kind == cohort[name][column].kind
    assert cohort.bands.units["median"] == "of the row"


def test_units_and_meanings(results: gb.Results, cohort: gb.Results) -> None:
    assert results.endpoints.units["death_d"] == "d"
    assert results.endpoints["death_d"].meaning == "Age at death; empty if it was not reached"
    assert results.endpoints.to_pandas().attrs["units"]["onset_d"] == "d"
    assert cohort.survival.units["time_d"] == "d"
    assert results.endpoints["sex"].to_list() == ["", ""]
    # Whole numbers with a unit are numbers, also where all of them happen to be whole.
    assert cohort.survival["time_d"].kind == "number"


def test_xarray_has_dimensions_and_units(results: gb.Results, cohort: gb.Results) -> None:
    found = results.trajectories.to_xarray()
    assert set(found.sizes) == {"arm", "subject", "time_d"}
    assert found["zo1"].attrs["units"] == results.trajectories.units["zo1"]
    assert found["time_d"].attrs == {"units": "d", "long_name": "Age in days from birth"}
    control = found["zo1"].sel(arm="control", subject=1, time_d=60.0).item()
    rows = results.trajectories.rows()
    expected = next(it for it in rows if it["arm"] == "control" and it["time_d"] == 60.0)
    assert control == expected["zo1"]
    # After death there is nothing.
    assert numpy.isnan(found["zo1"].sel(arm="control").isel(time_d=-1)).all()
    assert set(cohort.bands.to_xarray().sizes) == {"arm", "variable", "time_d"}
    assert set(gb.model.parameters.to_xarray().sizes) == {"row"}


@pytest.mark.parametrize(
    ("package", "convert"),
    [
        ("pandas", gb.Table.to_pandas),
        ("polars", gb.Table.to_polars),
        ("pyarrow", gb.Table.to_pyarrow),
        ("xarray", gb.Table.to_xarray),
        ("numpy", lambda table: table["death_d"].to_numpy()),
    ],
)
def test_a_missing_library_is_named_with_advice(
    package: str,
    convert: Callable[[gb.Table], Any],
    results: gb.Results,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=f"needs {package}.*\n  help: pip install {package}"):
        convert(results.endpoints)


def test_tables_pickle_and_compare(results: gb.Results) -> None:
    for table in (results.trajectories, results.endpoints, gb.model.evidence):
        again = pickle.loads(pickle.dumps(table))
        assert again == table
        assert (again.meanings, again.row) == (table.meanings, table.row)
    assert results.trajectories != results.endpoints
    with pytest.raises(TypeError):
        hash(results.endpoints)


def test_csv_is_the_file(results: gb.Results) -> None:
    assert results.endpoints.to_csv().encode() == results.file("endpoints.csv")


def test_names_that_do_not_exist(results: gb.Results) -> None:
    with pytest.raises(KeyError, match="no column `nonsense`"):
        results.endpoints["nonsense"]
    with pytest.raises(AttributeError, match="have no table 'survival'; their tables are: .*endpoints"):
        results.survival
    with pytest.raises(KeyError):
        results["survival"]
    assert not hasattr(results, "sweep")


def test_html_is_escaped() -> None:
    name = "<script>alert(1)</script>"
    told = gb.scenario("butyrate-g93a").arm(name).run()
    for html in (told._repr_html_(), told.endpoints._repr_html_()):
        assert "<script>" not in html and "&lt;script&gt;" in html
