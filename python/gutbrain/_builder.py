"""Scenarios in steps: each gives a new one, none changes the one before."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import _question, _toml
from ._errors import ScenarioError

if TYPE_CHECKING:
    from ._results import Results


def scenario(
    extends: str | os.PathLike[str] | None = None, *, name: str = "scenario", **keys: Any
) -> Scenario:
    """Begins a scenario: from nothing, or on a shipped one (by name) or a file (by path).

    ``name`` is the stem of its results; ``keys`` are keys of the whole scenario, such as ``title`` or
    ``seed``. Arms of a name that the extended scenario has are changed, others are added; figures replace
    its figures.

    >>> gb.scenario("butyrate-g93a").arm("late", gb.intervention("butyrate-water", dose="2 %",
    ...     start="80 d")).cohort(subjects=20).run()
    """
    if not name or any(part in name for part in "/\\\0") or name in (".", ".."):
        raise ScenarioError(f"{name!r} is no name for results: it is one part of a path")
    base = None if extends is None else os.fspath(extends)
    if base is not None and not base.endswith(".toml"):
        # A name that nobody knows is an error here, not later.
        _question._kind_of_text(base)
    return Scenario(base, name, keys)


def intervention(kind: str, **keys: Any) -> dict[str, Any]:
    """What is done to an arm: ``intervention("butyrate-water", dose="2 %", start="38 d")``."""
    return {"kind": kind, **keys}


def perturbation(target: str, **keys: Any) -> dict[str, Any]:
    """A change of the model itself over a window; its keys are those of ``[[arm.perturbation]]``."""
    return {"target": target, **keys}


class Scenario:
    """A scenario that is built in steps; see :func:`scenario`. Immutable; pickles as text."""

    __slots__ = ("_base", "_name", "_tree")

    def __init__(self, base: str | None, name: str, tree: Mapping[str, Any]) -> None:
        self._base = base
        self._name = name
        self._tree: dict[str, Any] = _copy(tree)

    @property
    def name(self) -> str:
        """The stem of its results."""
        return self._name

    def subject(
        self, preset: str, parameters: Mapping[str, Any] | None = None, **keys: Any
    ) -> Scenario:
        """Of this kind of animal (``gb.model.subjects`` lists them), with values of parameters of its own."""
        values = {"preset": preset, **keys}
        if parameters:
            values["parameters"] = dict(parameters)
        return self.table("subject", **values)

    def simulation(self, **keys: Any) -> Scenario:
        """Over these ages: ``start="21 d", stop="200 d", every="1 d"``."""
        return self.table("simulation", **keys)

    def solver(self, **keys: Any) -> Scenario:
        """By this method, with these tolerances: ``method``, ``rtol``, ``atol``."""
        return self.table("solver", **keys)

    def output(self, **keys: Any) -> Scenario:
        """With these results: ``trajectories``, ``ages``, ``summary``."""
        return self.table("output", **keys)

    def seed(self, seed: int) -> Scenario:
        """With this seed of every random stream."""
        return self._with({"seed": seed})

    def arm(
        self,
        name: str,
        *interventions: Mapping[str, Any],
        perturbations: tuple[Mapping[str, Any], ...] | list[Mapping[str, Any]] = (),
        **keys: Any,
    ) -> Scenario:
        """With one more arm, to which this is done; see :func:`intervention` and :func:`perturbation`."""
        arm: dict[str, Any] = {"name": name, **keys}
        if interventions:
            arm["intervention"] = [dict(it) for it in interventions]
        if perturbations:
            arm["perturbation"] = [dict(it) for it in perturbations]
        return self._append("arm", arm)

    def cohort(self, subjects: int | None = None, **keys: Any) -> Scenario:
        """With so many animals in every arm instead of one."""
        count = {} if subjects is None else {"subjects": subjects}
        return self.table("cohort", **count, **keys)

    def figure(self, kind: str, **keys: Any) -> Scenario:
        """With one more figure."""
        return self._append("figure", {"kind": kind, **keys})

    def table(self, path: str, /, **keys: Any) -> Scenario:
        """With these keys in any table, by its path: ``table("sweep", design="grid", factor=[…])``."""
        tree: dict[str, Any] = _copy(self._tree)
        place = tree
        for part in path.split("."):
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise ScenarioError(f"`{part}` of the scenario is a value, not a table")
        place.update(keys)
        return Scenario(self._base, self._name, tree)

    def to_dict(self) -> dict[str, Any]:
        """What was said so far, without what it extends."""
        tree: dict[str, Any] = _copy(self._tree)
        return tree

    def to_toml(self) -> str:
        """The scenario as a file that the command line runs.

        Without ``extends`` this is what was said; with it, it is checked and written out in full, since a
        shipped scenario has no path.
        """
        if self._base is None:
            return _toml.document(self._tree)
        return _question.check(self)

    def check(self) -> str:
        """Checks it without running it; see :func:`gutbrain.check`."""
        return _question.check(self)

    def run(self, **options: Any) -> Results:
        """Simulates it; see :func:`gutbrain.run`."""
        from ._studies import run

        return run(self, **options)

    def trial(self, **options: Any) -> Results:
        """Repeats the whole experiment; see :func:`gutbrain.trial`."""
        from ._studies import trial

        return trial(self, **options)

    def sweep(self, **options: Any) -> Results:
        """Runs its ``[sweep]``; see :func:`gutbrain.sweep`."""
        from ._studies import sweep

        return sweep(self, **options)

    def sensitivity(self, **options: Any) -> Results:
        """Finds out which unknowns matter; see :func:`gutbrain.sensitivity`."""
        from ._studies import sensitivity

        return sensitivity(self, **options)

    def attribute(self, **options: Any) -> Results:
        """Splits the difference between two arms; see :func:`gutbrain.attribute`."""
        from ._studies import attribute

        return attribute(self, **options)

    def origin(self) -> tuple[str, str, str]:
        """Kind, text and name, as questions are asked."""
        if self._base is None:
            return "text", _toml.document(self._tree), self._name
        is_path = self._base.endswith(".toml")
        extends = self._base if is_path else f"scenarios/{self._base}.toml"
        text = _toml.document({"extends": extends, **self._tree})
        return "text" if is_path else "text-on-shipped", text, self._name

    def _with(self, keys: Mapping[str, Any]) -> Scenario:
        return Scenario(self._base, self._name, {**self._tree, **keys})

    def _append(self, name: str, entry: Mapping[str, Any]) -> Scenario:
        return self._with({name: [*self._tree.get(name, []), dict(entry)]})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scenario):
            return NotImplemented
        return self.origin() == other.origin()

    def __hash__(self) -> int:
        return hash(self.origin())

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self._base, self._name, _toml.document(self._tree))

    def __repr__(self) -> str:
        kind, text, name = self.origin()
        return f"<scenario {name}>\n{text}"


def _copy(tree: Any) -> Any:
    """Tables and lists again, so that nobody else holds them."""
    if isinstance(tree, Mapping):
        return {name: _copy(part) for name, part in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [_copy(part) for part in tree]
    return tree


def _restore(base: str | None, name: str, text: str) -> Scenario:
    import tomllib

    return Scenario(base, name, tomllib.loads(text))
