"""What can stand for a scenario: a shipped name, a path, a text, a dictionary, a builder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from . import _gutbrain, _toml
from ._errors import ScenarioError

if TYPE_CHECKING:
    from ._builder import Scenario

    ScenarioLike: TypeAlias = Union[str, os.PathLike[str], Mapping[str, Any], "Scenario"]

_FOLDER = "scenarios/"
_ENDING = ".toml"


def scenarios() -> list[str]:
    """The names of the shipped scenarios, as :func:`gutbrain.run` and its like take them."""
    return [
        path[len(_FOLDER) : -len(_ENDING)]
        for path, _ in _gutbrain.shipped()
        if path.startswith(_FOLDER)
    ]


class Asked:
    """A scenario as given, with changes: as a question to the program, and as arguments of a command."""

    __slots__ = ("arms", "content", "core", "kind", "model", "seed", "set", "variant")

    def __init__(
        self,
        kind: str,
        content: str,
        name: str,
        set: list[str],
        arms: list[str],
        seed: int | None,
        model: str | None,
        variant: str | None,
    ) -> None:
        self.kind = kind
        self.content = content
        self.set = set
        self.arms = arms
        self.seed = seed
        self.model = model
        self.variant = variant
        self.core = _gutbrain.Question(kind, content, name, set, arms, seed, model, variant)


def ask(
    scenario: ScenarioLike,
    *,
    set: Mapping[str, Any] | None = None,
    arm: str | Iterable[str] | None = None,
    seed: int | None = None,
    model: str | os.PathLike[str] | None = None,
    variant: str | None = None,
) -> Asked:
    """Reads the arguments that every study has; raises ScenarioError for what has no meaning."""
    kind, content, name = _kind(scenario)
    arms = [arm] if isinstance(arm, str) else list(arm or ())
    folder = None if model is None else os.fspath(model)
    if seed is not None and not 0 <= seed < 2**63:
        raise ScenarioError(f"the seed {seed} is not between 0 and {2**63 - 1}")
    return Asked(kind, content, name, _changes(set), arms, seed, folder, variant)


def check(
    scenario: ScenarioLike,
    *,
    set: Mapping[str, Any] | None = None,
    arm: str | Iterable[str] | None = None,
    seed: int | None = None,
    model: str | os.PathLike[str] | None = None,
    variant: str | None = None,
) -> str:
    """Reads and checks a scenario without running it; ``gutbrain check``.

    Gives the scenario with everything that it extends and every default written out, as TOML: what
    ``scenario.toml`` of its results holds. Raises :class:`ScenarioError` with all faults at once.
    """
    asked = ask(scenario, set=set, arm=arm, seed=seed, model=model, variant=variant)
    return asked.core.resolved()


def _kind(scenario: ScenarioLike) -> tuple[str, str, str]:
    """Kind, content and name of a scenario."""
    from ._builder import Scenario

    if isinstance(scenario, Scenario):
        return scenario.origin()
    if isinstance(scenario, Mapping):
        return "text", _toml.document(scenario), "scenario"
    if isinstance(scenario, str):
        return _kind_of_text(scenario)
    if isinstance(scenario, os.PathLike):
        path = os.fspath(scenario)
        if isinstance(path, str):
            return "path", path, ""
    raise ScenarioError(
        f"a {type(scenario).__name__} is no scenario\n"
        "  help: give a shipped name, a path, a TOML text, a dictionary, or what "
        "gutbrain.scenario() builds"
    )


def _kind_of_text(text: str) -> tuple[str, str, str]:
    if "\n" in text or "=" in text:
        return "text", text, "scenario"
    if text.endswith(_ENDING):
        return "path", text, ""
    names = scenarios()
    if text in names:
        return "shipped", text, ""
    from difflib import get_close_matches

    close = get_close_matches(text, names, 3)
    advice = f"did you mean {', '.join(f'`{it}`' for it in close)}?" if close else (
        "gutbrain.scenarios() lists them; a path ends with .toml"
    )
    raise ScenarioError(f"no shipped scenario is called {text!r}\n  help: {advice}")


def _changes(set: Mapping[str, Any] | None) -> list[str]:
    """Changes as the command line takes them."""
    if set is None:
        return []
    if not isinstance(set, Mapping):
        raise ScenarioError(
            f"set={set!r} is no dictionary\n"
            '  help: write set={"arm.butyrate.dose": "1 %", "zo1_turnover": "0.5 1/day"}'
        )
    changes = []
    for name, value in set.items():
        if not isinstance(name, str) or not name.strip() or "=" in name:
            raise ScenarioError(f"{name!r} is no name of a value in a scenario")
        changes.append(f"{name}={_toml.value(value, name)}")
    return changes
