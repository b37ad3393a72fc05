"""Tables: columns with units and meanings, for whatever library somebody works with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from . import _gutbrain
from ._listening import need

if TYPE_CHECKING:
    import numpy
    import numpy.typing
    import pandas
    import polars
    import pyarrow  # type: ignore[import-untyped]
    import xarray

_SHOWN_ROWS = 10
_SHOWN_COLUMNS = 12
_KEYS = ("point", "arm", "variable", "subject", "time_d")
"""Columns that tell the rows of a table apart, where they do."""


class Column:
    """One column of a table: values, unit, meaning. ``len(column)`` is the number of rows."""

    __slots__ = ("_core", "name")

    def __init__(self, core: _gutbrain.Table, name: str) -> None:
        core.kind(name)  # A name that does not exist is an error here, not later.
        self._core = core
        self.name = name

    @property
    def unit(self) -> str | None:
        """The unit, for example ``mM``; ``None`` where a unit makes no sense."""
        return self._core.units[self.name]

    @property
    def meaning(self) -> str | None:
        """What a value means; ``None`` where the dictionary of the tables does not say."""
        return self._core.meanings[self.name]

    @property
    def kind(self) -> str:
        """``number`` (doubles), ``integer`` (64 bits) or ``text``."""
        return self._core.kind(self.name)

    def to_list(self) -> list[Any]:
        """The values, one a row; ``None`` is a value that there is not, never a zero."""
        return self._core.values(self.name)

    def to_numpy(self) -> numpy.typing.NDArray[Any]:
        """The values as an array of the shape (rows,).

        Numbers are doubles, NaN where there is none; whole numbers are 64-bit integers, or doubles with
        NaN if some are missing; texts are objects.
        """
        np = need("numpy", "to_numpy()")
        found: numpy.typing.NDArray[Any]
        if self.kind == "text":
            found = np.array(self.to_list(), dtype=object)
        elif self.kind == "integer" and self._core.missing(self.name):
            values = [float("nan") if it is None else it for it in self.to_list()]
            found = np.array(values, dtype=np.float64)
        else:
            kind = np.int64 if self.kind == "integer" else np.float64
            found = np.frombuffer(self._core.bytes(self.name), dtype=kind).copy()
        return found

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        array = self.to_numpy()
        return array if dtype is None else array.astype(dtype)

    def __len__(self) -> int:
        return len(self._core)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.to_list())

    def __getitem__(self, row: int) -> Any:
        return self.to_list()[row]

    def __repr__(self) -> str:
        unit = f" in {self.unit}" if self.unit else ""
        return f"<column {self.name}{unit}: {len(self)} rows>"


class Table:
    """Named columns of equal length, with units.

    Any library that knows the Arrow PyCapsule interface takes it as it is, without a copy:
    ``pyarrow.table(table)``, ``polars.DataFrame(table)``, ``duckdb``. Units and meanings are metadata of
    the Arrow fields under ``unit`` and ``meaning``. Pickles as Parquet.
    """

    __slots__ = ("_core",)

    def __init__(self, core: _gutbrain.Table) -> None:
        self._core = core

    @property
    def name(self) -> str:
        """The stem of its file."""
        return self._core.name

    @property
    def row(self) -> str:
        """What one row is; empty where nobody says."""
        return self._core.row

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return self._core.column_names

    @property
    def units(self) -> dict[str, str | None]:
        """Unit by column; ``None`` where a unit makes no sense."""
        units = self._core.units
        return {name: units[name] for name in self.columns}

    @property
    def meanings(self) -> dict[str, str | None]:
        """Meaning by column; ``None`` where nobody says."""
        meanings = self._core.meanings
        return {name: meanings[name] for name in self.columns}

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows, number of columns."""
        return len(self), len(self.columns)

    def to_dict(self) -> dict[str, list[Any]]:
        """The values by column; ``None`` is missing."""
        return {name: self._core.values(name) for name in self.columns}

    def rows(self) -> list[dict[str, Any]]:
        """One dictionary a row."""
        values = self.to_dict()
        return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]

    def to_pyarrow(self) -> pyarrow.Table:
        """A table of pyarrow on the same memory, with units as metadata of its fields.

        Raises ImportError with advice where pyarrow is not installed; so do the other conversions.
        """
        return need("pyarrow", "to_pyarrow()").table(self)

    def to_polars(self) -> polars.DataFrame:
        """A data frame of polars on the same memory. Polars keeps no units: see :attr:`units`."""
        frame: polars.DataFrame = need("polars", "to_polars()").DataFrame(self)
        return frame

    def to_pandas(self) -> pandas.DataFrame:
        """A data frame of pandas, one row a row; units by column are in ``frame.attrs["units"]``.

        Numbers that are missing are NaN; whole numbers with missing ones are ``Int64``.
        """
        pd = need("pandas", "to_pandas()")
        values: dict[str, Any] = {}
        for name in self.columns:
            column = self[name]
            if column.kind == "integer" and self._core.missing(name):
                values[name] = pd.array(column.to_list(), dtype="Int64")
            elif column.kind == "text":
                values[name] = pd.Series(column.to_list(), dtype="str")
            else:
                values[name] = column.to_numpy()
        frame: pandas.DataFrame = pd.DataFrame(values)
        frame.attrs["units"] = {name: unit for name, unit in self.units.items() if unit}
        return frame

    def to_xarray(self) -> xarray.Dataset:
        """A data set of xarray with ``units`` and ``long_name`` as attributes of its variables.

        Its dimensions are the columns that tell the rows apart (``arm``, ``subject``, ``time_d``, …), or
        ``row`` if none do. What an arm has no row for is NaN. Needs pandas as well, as xarray does.
        """
        need("xarray", "to_xarray()")
        frame = self.to_pandas()
        keys = [name for name in _KEYS if name in self.columns]
        whole = [name for name in keys if self._core.missing(name) == 0]
        if whole and not frame.duplicated(subset=whole).any():
            frame = frame.set_index(whole)
        else:
            frame.index.name = "row"
        found = frame.to_xarray()
        found.attrs = {"title": self.name}
        for name, unit in self.units.items():
            if name not in found.variables:
                continue
            if unit is not None and unit != "of the row":
                found[name].attrs["units"] = unit
            meaning = self._core.meanings[name]
            if meaning is not None:
                found[name].attrs["long_name"] = meaning
        return found

    def to_csv(self) -> str:
        """The text of the file that the command line writes with ``--format csv``."""
        return self._core.to_csv()

    def __getitem__(self, name: str) -> Column:
        return Column(self._core, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def __len__(self) -> int:
        return len(self._core)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table):
            return NotImplemented
        same = self.name == other.name and self.units == other.units
        return same and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._core.__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        return self._core.__arrow_c_schema__()

    def __reduce__(self) -> tuple[Any, ...]:
        core = self._core
        return _restore, (core.name, core.row, core.meanings, core.to_parquet())

    def __repr__(self) -> str:
        rows, columns = self.shape
        return f"<table {self.name}: {rows} rows, {columns} columns>"

    def _repr_html_(self) -> str:
        return html_of(self)


def _restore(
    name: str, row: str, meanings: dict[str, str | None], parquet: bytes
) -> Table:
    return Table(_gutbrain.Table.from_parquet(name, row, meanings, parquet))


def html_of(table: Table, rows: int = _SHOWN_ROWS) -> str:
    """The first rows and columns as HTML; everything from files is escaped."""
    from html import escape

    names = table.columns[:_SHOWN_COLUMNS]
    units = table.units
    heads = "".join(
        f"<th>{escape(name)}{f'<br><small>{escape(unit)}</small>' if unit else ''}</th>"
        for name, unit in ((name, units[name]) for name in names)
    )
    columns: list[Sequence[Any]] = [table[name].to_list()[:rows] for name in names]
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_shown(cell))}</td>" for cell in row) + "</tr>"
        for row in zip(*columns, strict=True)
    )
    count, width = table.shape
    note = f"{table.name}: {count} rows, {width} columns"
    if table.row:
        note += f"; one row is {table.row}"
    return (
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
        f"<p><small>{escape(note)}</small></p>"
    )


def _shown(cell: Any) -> str:
    if cell is None:
        return ""
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)
