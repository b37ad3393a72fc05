"""Dictionaries as TOML: what a scenario needs of it, and nothing that could be understood otherwise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ._errors import ScenarioError

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_LARGEST = 2**63 - 1
_DEEPEST = 32


def document(tree: Mapping[str, Any]) -> str:
    """The text of a table with its sub-tables; values first, in the order in which they were given."""
    lines: list[str] = []
    _write(lines, "", tree, ())
    return "\n".join(lines).strip("\n") + "\n"


def value(given: Any, place: str) -> str:
    """One value on one line; ``place`` says in messages where it is."""
    return _value(given, place, 0)


def _value(given: Any, place: str, depth: int) -> str:
    if depth > _DEEPEST:
        raise ScenarioError(f"`{place}` has more than {_DEEPEST} levels")
    given = _plain(given)
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, str):
        return _quote(given, place)
    if isinstance(given, int):
        if abs(given) > _LARGEST:
            raise ScenarioError(f"`{place}` is {given}, which has more than 64 bits")
        return int.__repr__(given)
    if isinstance(given, float):
        if not math.isfinite(given):
            raise ScenarioError(f"`{place}` is {given}, which is no finite number")
        return float.__repr__(given)  # A subclass, as that of NumPy, may show itself otherwise.
    if isinstance(given, Mapping):
        parts = (
            f"{_key(key, place)} = {_value(part, f'{place}.{key}', depth + 1)}"
            for key, part in given.items()
        )
        return "{ " + ", ".join(parts) + " }"
    if isinstance(given, (list, tuple)):
        return "[" + ", ".join(_value(part, place, depth + 1) for part in given) + "]"
    kind = "nothing (None)" if given is None else f"a {type(given).__name__}"
    raise ScenarioError(
        f"`{place}` is {kind}, which no scenario holds\n"
        "  help: write a text, a number, True or False, a list or a dictionary"
    )


def _plain(given: Any) -> Any:
    """Numbers and arrays of NumPy and others as Python's own."""
    if isinstance(given, (str, int, float, Mapping, list, tuple)) or given is None:
        return given
    for name in ("tolist", "item"):
        convert = getattr(given, name, None)
        if callable(convert):
            return convert()
    return given


def _write(lines: list[str], path: str, table: Mapping[str, Any], above: tuple[int, ...]) -> None:
    if id(table) in above or len(above) > _DEEPEST:
        raise ScenarioError(f"`{path or 'the scenario'}` contains itself, or has too many levels")
    above = (*above, id(table))
    tables: list[tuple[str, Mapping[str, Any]]] = []
    lists: list[tuple[str, list[Mapping[str, Any]]]] = []
    for key, given in table.items():
        name = _key(key, path or "the scenario")
        full = f"{path}.{name}" if path else name
        if isinstance(given, Mapping):
            tables.append((full, given))
        elif _is_list_of_tables(given):
            lists.append((full, list(given)))
        else:
            lines.append(f"{name} = {value(given, full)}")
    for full, part in tables:
        lines.extend(["", f"[{full}]"])
        _write(lines, full, part, above)
    for full, parts in lists:
        for part in parts:
            lines.extend(["", f"[[{full}]]"])
            _write(lines, full, part, above)


def _is_list_of_tables(given: Any) -> bool:
    is_list = isinstance(given, (list, tuple)) and len(given) > 0
    return is_list and all(isinstance(part, Mapping) for part in given)


def _key(key: Any, place: str) -> str:
    if not isinstance(key, str):
        raise ScenarioError(f"`{place}` has the key {key!r}, which is no text")
    return key if key and set(key) <= _PLAIN else _quote(key, place)


def _quote(text: str, place: str) -> str:
    parts = []
    for character in text:
        if 0xD800 <= ord(character) <= 0xDFFF:
            raise ScenarioError(f"`{place}` holds half a character (a surrogate), which is no text")
        if character in '"\\':
            parts.append("\\" + character)
        elif ord(character) < 0x20 or ord(character) == 0x7F:
            parts.append(f"\\u{ord(character):04X}")
        else:
            parts.append(character)
    return '"' + "".join(parts) + '"'
