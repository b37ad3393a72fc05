"""What the model declares, as tables, and questions about it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from . import _gutbrain
from ._commands import _scenario, call, scratch_folder
from ._errors import ScenarioError
from ._question import ask
from ._tables import Table

if TYPE_CHECKING:
    from ._question import ScenarioLike


class Model:
    """A model: the built-in one, or that of a folder. ``gutbrain.model`` is the built-in one.

    Every kind of entry is a table with one row per entry, sorted by ``id``, with the sentence (``says``),
    the ids of the evidence that it rests on, and why a number was assumed if it was.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self._folder = None if folder is None else os.fspath(folder)
        self._read: _gutbrain.Model | None = None

    @property
    def _core(self) -> _gutbrain.Model:
        if self._read is None:
            self._read = _gutbrain.Model(self._folder)
        return self._read

    @property
    def hash(self) -> str:
        """SHA-256 over what the model says: two models with one hash are the same."""
        return self._core.hash

    @property
    def label(self) -> str:
        """``built-in``, or the folder as given."""
        return self._core.label

    @property
    def compartments(self) -> Table:
        """Where things are."""
        return self.table("compartments")

    @property
    def species(self) -> Table:
        """Quantities that processes change, with unit, initial value and scale."""
        return self.table("species")

    @property
    def parameters(self) -> Table:
        """Numbers, with unit, range, prior, spread between animals and what they rest on."""
        return self.table("parameters")

    @property
    def processes(self) -> Table:
        """What happens, with its rate and what it changes."""
        return self.table("processes")

    @property
    def modulators(self) -> Table:
        """Factors on what happens."""
        return self.table("modulators")

    @property
    def assignments(self) -> Table:
        """Quantities that follow from others at once."""
        return self.table("assignments")

    @property
    def observables(self) -> Table:
        """What a laboratory measures."""
        return self.table("observables")

    @property
    def events(self) -> Table:
        """Moments such as onset and death."""
        return self.table("events")

    @property
    def interventions(self) -> Table:
        """What an experimenter may do, with the unit of the dose."""
        return self.table("interventions")

    @property
    def subjects(self) -> Table:
        """Kinds of animals."""
        return self.table("subjects")

    @property
    def evidence(self) -> Table:
        """The ledger: what was found, in whom, where it is published, how far it can be trusted."""
        return self.table("evidence")

    def table(self, kind: str) -> Table:
        """The entries of a kind by its name."""
        return Table(self._core.table(kind))

    def show(self, *names: str) -> str:
        """Entries in full: sentence, equation, units, value, range, evidence; ``gutbrain model show``."""
        if not names:
            raise ScenarioError("name at least one entry of the model")
        return call("model", "show", *self._options(), "--", *names)

    def explain(
        self,
        scenario: ScenarioLike,
        *,
        species: str,
        at: str | float,
        arm: str | None = None,
        set: dict[str, Any] | None = None,
    ) -> str:
        """Which processes move a species at an age (days, or a text such as ``"60 d"``).

        ``gutbrain model explain``; ``arm`` is needed where the scenario has several.
        """
        asked = ask(scenario, set=set, model=self._folder)
        asked.core.resolved()
        age = at if isinstance(at, str) else f"{at} d"
        options = ["--species", species, "--at", age]
        if arm is not None:
            options += ["--arm", arm]
        with scratch_folder() as scratch:
            return call("model", "explain", *_scenario(asked, scratch), *options)

    def _options(self) -> list[str]:
        return [] if self._folder is None else ["--model", self._folder]

    def __reduce__(self) -> tuple[Any, ...]:
        return Model, (self._folder,)

    def __repr__(self) -> str:
        return f"<model {self._folder or 'built-in'}>"


model = Model()
"""The built-in model."""
