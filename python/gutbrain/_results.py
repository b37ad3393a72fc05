"""What a study came to: tables, figures, a summary, and the folder that the command would have written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from . import _gutbrain
from ._errors import ScenarioError
from ._listening import Listener
from ._tables import Table, html_of

if TYPE_CHECKING:
    from pathlib import Path

_TABLE_ENDINGS = (".parquet", ".csv")
_FIGURES = "figures/"
_FIGURE_ENDINGS = (".svg", ".pdf", ".png", ".csv", ".txt")


class Counts(NamedTuple):
    """Runs that were asked for, and what became of them."""

    requested: int
    ok: int
    failed: int
    """They have a status and a reason, and no numbers."""


class Figure:
    """A figure of the program: SVG for the screen, PDF and PNG for print, the numbers behind it, a caption."""

    __slots__ = ("_files", "name")

    def __init__(self, name: str, files: Mapping[str, bytes]) -> None:
        self.name = name
        self._files = dict(files)

    @property
    def svg(self) -> str:
        """The text of the SVG; the typeface is part of it."""
        return self._files[".svg"].decode()

    @property
    def pdf(self) -> bytes:
        """The PDF: one page, vectors, text that can be searched."""
        return self._files[".pdf"]

    @property
    def png(self) -> bytes:
        """The PNG, at 300 dots an inch."""
        return self._files[".png"]

    @property
    def csv(self) -> str:
        """The numbers behind it, as CSV."""
        return self._files[".csv"].decode()

    @property
    def caption(self) -> str:
        """What it shows, in the words that stand under it in a paper; empty where the command writes none."""
        return self._files.get(".txt", b"").decode()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes it to a file that ends with ``.svg``, ``.pdf``, ``.png``, ``.csv`` or ``.txt`` (its caption),
        and gives its path."""
        from pathlib import Path

        path = Path(path)
        ending = path.suffix.lower()
        if ending not in self._files:
            known = ", ".join(it for it in _FIGURE_ENDINGS if it in self._files)
            raise ScenarioError(
                f"a figure cannot be written as {str(path)!r}\n  help: end it with one of {known}"
            )
        path.write_bytes(self._files[ending])
        return path

    def _repr_svg_(self) -> str:
        return self.svg

    def __reduce__(self) -> tuple[Any, ...]:
        return Figure, (self.name, self._files)

    def __repr__(self) -> str:
        return f"<figure {self.name}>"


class Figures(Mapping[str, Figure]):
    """The figures of results by name, drawn when the first one is wanted."""

    __slots__ = ("_results",)

    def __init__(self, results: Results) -> None:
        self._results = results

    def _names(self) -> list[str]:
        names = self._results.files
        drawn = (it for it in names if it.startswith(_FIGURES) and it.endswith(".svg"))
        return [name[len(_FIGURES) : -len(".svg")] for name in drawn]

    def __getitem__(self, name: str) -> Figure:
        if name not in self._names():
            raise KeyError(name)
        there = [it for it in _FIGURE_ENDINGS if f"{_FIGURES}{name}{it}" in self._results.files]
        return Figure(name, {it: self._results.file(f"{_FIGURES}{name}{it}") for it in there})

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def __repr__(self) -> str:
        return f"<figures {', '.join(self._names()) or 'none'}>"


class _Named:
    """A table of results by the name of its file."""

    def __init__(self, meaning: str) -> None:
        self.__doc__ = meaning
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, results: None, owner: type) -> _Named: ...

    @overload
    def __get__(self, results: Results, owner: type) -> Table: ...

    def __get__(self, results: Results | None, owner: type) -> _Named | Table:
        if results is None:
            return self
        table = results._table(self._name)
        if table is None:
            raise AttributeError(
                f"these results of `gutbrain {results.command}` have no table {self._name!r}; "
                f"their tables are: {', '.join(results.tables) or 'none'}",
                name=self._name,
                obj=results,
            )
        return table


class Results:
    """What a study came to; every file that the command writes, in memory.

    Tables are attributes (``results.endpoints``) and items (``results["endpoints"]``); which there are
    depends on the command, and ``results.tables`` lists them. Ages are days from birth. Pickles with all
    of its files.
    """

    trajectories = _Named("Curves: one row per arm, animal and age (``time_d``, days).")
    between = _Named("How low and high curves go between the ages of the output.")
    endpoints = _Named("Ages at onset, paralysis, weight loss and death, in days: one row per animal.")
    subjects = _Named("The animals of a cohort, with the values of their parameters.")
    survival = _Named("Kaplan-Meier estimates of a cohort by arm and age, with 95 % intervals.")
    bands = _Named("Quantiles of the curves of a cohort by arm, variable and age.")
    visits = _Named("What a laboratory would have measured of a cohort.")
    uncertainty = _Named("How much of the spread comes from parameters, how much from animals.")
    trial = _Named("What experiments of each design and size would have told.")
    experiments = _Named("The repeated experiments, one a row.")
    pool = _Named("The animals that experiments were drawn from.")
    sweep = _Named("One row per point of a sweep and arm.")
    sensitivity = _Named("Sensitivity indices by output and parameter.")
    convergence = _Named("The indices of growing parts of a sample.")
    factors = _Named("What was varied in a sensitivity study.")
    points = _Named("The points of a sensitivity study.")
    attribution = _Named("The difference between two arms, split over pathways.")
    biomarkers = _Named("How well measured quantities tell those who will fall ill, by time before.")
    cross_section = _Named("The same at the one visit at which most are ill: what misleads.")
    parameters = _Named("Fitted parameters of a calibration.")
    targets = _Named("The evidence that a calibration was fitted to, and what the model says.")
    starts = _Named("The starts of a calibration.")
    profiles = _Named("Profiles of a calibration.")
    intervals = _Named("Intervals from profiles.")
    scoreboard = _Named("The model against its evidence: one row per comparison, with the verdict.")

    def __init__(
        self,
        core: _gutbrain.Results,
        counts: tuple[int, int] | None = None,
        warnings: Sequence[str] = (),
    ) -> None:
        self._core = core
        self._manifest = _from_json(core.manifest)
        if counts is None:
            runs = self._manifest["runs"]
            counts = (runs["requested"], runs["failed"])
        requested, failed = counts
        self.counts = Counts(requested, requested - failed, failed)
        """Runs that were asked for, and what became of them."""
        self.warnings = tuple(warnings)
        """What was said of the results."""
        self._read: dict[str, Table] = {}

    @property
    def command(self) -> str:
        """The command that writes such results."""
        return str(self._manifest["identity"]["command"])

    @property
    def name(self) -> str:
        """The stem of the scenario's file."""
        return str(self._manifest["identity"]["scenario"])

    @property
    def tables(self) -> list[str]:
        """The names of the tables."""
        names = {
            name.removesuffix(ending)
            for name in self._core.names
            for ending in _TABLE_ENDINGS
            if "/" not in name and name.endswith(ending)
        }
        return sorted(names)

    @property
    def summary(self) -> dict[str, Any]:
        """The numbers that a reader asks for first: ``summary.json``. Empty if there is none."""
        if "summary.json" not in self._core.names:
            return {}
        return _from_json(self._core.file("summary.json"))

    @property
    def manifest(self) -> dict[str, Any]:
        """What made the results: program, model, seed, solver, clocks. :meth:`save` adds the hashes."""
        return _from_json(self._core.manifest)

    @property
    def figures(self) -> Mapping[str, Figure]:
        """The figures of the scenario by name; they are drawn when the first is looked at."""
        return Figures(self)

    @property
    def files(self) -> list[str]:
        """The names of all files, ``manifest.json`` aside; figures are drawn for it."""
        self._draw()
        return self._core.names

    def file(self, name: str) -> bytes:
        """The bytes of a file, as the command writes it; KeyError if there is none."""
        if name.startswith(_FIGURES):
            self._draw()
        return self._core.file(name)

    def to_toml(self) -> str:
        """The scenario with everything that it extends; running it again gives the same bytes."""
        return self.file("scenario.toml").decode()

    def plot(self, figure: str | None = None, *, show: Sequence[str] = ()) -> Figure:
        """A figure: one of the scenario's by name, or for :func:`gutbrain.run` any kind of figure.

        ``show`` names species and observables for the kind ``trajectories``. Without a name it is the
        first of the scenario. Raises :class:`ScenarioError` for a kind that does not exist.
        """
        figures = self.figures
        if figure is None:
            if not figures:
                raise ScenarioError(f"these results of `gutbrain {self.command}` have no figure")
            figure = next(iter(figures))
        if not show and figure in figures:
            return figures[figure]
        if self.command != "run":
            names = ", ".join(figures) or "none"
            raise ScenarioError(f"these results have no figure {figure!r}\n  help: there are: {names}")
        drawn = self._core.figure(figure, list(show))
        there = [it for it in _FIGURE_ENDINGS if f"{_FIGURES}{figure}{it}" in drawn]
        return Figure(figure, {it: drawn[f"{_FIGURES}{figure}{it}"] for it in there})

    def save(
        self, folder: str | os.PathLike[str], *, force: bool = False, sync: bool = True
    ) -> Path:
        """Writes the folder of results that the command writes, whole or not at all, and gives its path.

        Every file has the bytes that the command writes; ``manifest.json`` differs in clocks and hosts. An
        earlier run of the same scenario and command is replaced, with ``force`` any run is; what no run
        wrote is never removed. ``sync=False`` does not wait for the disk. Raises :class:`StorageError`.
        """
        from pathlib import Path

        self._draw()
        return Path(self._core.save(os.fspath(folder), force, sync))

    def _draw(self) -> None:
        if self._core.undrawn:
            with Listener(False) as listener:
                self._core.draw(listener)
            self.warnings = (*self.warnings, *listener.warnings)
            listener.say(stacklevel=4)

    def _table(self, name: str) -> Table | None:
        if name not in self._read:
            core = self._core.table(name)
            if core is None:
                return None
            self._read[name] = Table(core)
        return self._read[name]

    def __getitem__(self, name: str) -> Table:
        table = self._table(name)
        if table is None:
            raise KeyError(name)
        return table

    def __contains__(self, name: object) -> bool:
        return name in self.tables

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    def __reduce__(self) -> tuple[Any, ...]:
        core = self._core
        files = {name: core.file(name) for name in core.names}
        model = None if core.model is None else os.fspath(core.model)
        counts = (self.counts.requested, self.counts.failed)
        made = (files, core.manifest, model, core.undrawn)
        return _restore, (made, counts, self.warnings)

    def __repr__(self) -> str:
        failed = f", {self.counts.failed} failed" if self.counts.failed else ""
        return (
            f"<results of gutbrain {self.command} {self.name}: {self.counts.requested} runs{failed}; "
            f"tables: {', '.join(self.tables)}>"
        )

    def _repr_html_(self) -> str:
        from html import escape

        title = escape(f"gutbrain {self.command} {self.name}")
        parts = [f"<h4>{title}</h4>", f"<p>{self.counts.requested} runs, {self.counts.failed} failed</p>"]
        parts += [f"<p>{escape(warning)}</p>" for warning in self.warnings]
        first = next((it for it in ("endpoints", "trial", *self.tables) if it in self), None)
        if first is not None:
            parts.append(html_of(self[first]))
        parts.append(f"<p><small>tables: {escape(', '.join(self.tables))}</small></p>")
        return "\n".join(parts)


def _from_json(text: str | bytes) -> dict[str, Any]:
    import json

    found: dict[str, Any] = json.loads(text)
    return found


def _restore(
    made: tuple[dict[str, bytes], str, str | None, bool],
    counts: tuple[int, int],
    warnings: tuple[str, ...],
) -> Results:
    return Results(_gutbrain.Results.restore(*made), counts, warnings)


def read(
    folder: str | os.PathLike[str], *, model: str | os.PathLike[str] | None = None
) -> Results:
    """Reads a folder of results that a command or :meth:`Results.save` wrote.

    Every file is compared with its hash. ``model`` is the folder of the model, for figures of other kinds;
    without it the built-in one draws them. Raises :class:`StorageError` for anything else.
    """
    chosen = None if model is None else os.fspath(model)
    return Results(_gutbrain.Results.read(os.fspath(folder), chosen))
