"""What can go wrong, in the program's own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Fault(NamedTuple):
    """One mistake in a text, and where it is."""

    code: str
    """Short stable name of the kind of mistake, listed in ``docs/faults.md``."""
    message: str
    """What is wrong, in one sentence."""
    label: str
    """What was understood; may be empty."""
    help: str | None
    """What to do about it."""
    file: str
    """The file, or the name of the text."""
    line: int
    """Line in it, from 1."""
    column: int
    """Character in the line, from 1."""


class GutbrainError(Exception):
    """Whatever the program refuses; the message is the program's own."""


class ScenarioError(GutbrainError, ValueError):
    """A question without a meaning: a scenario, a model or an argument that cannot be used.

    ``faults`` holds every mistake that was found, all at once; it is empty where no text is at fault.
    """

    faults: tuple[Fault, ...]

    def __init__(self, message: str, faults: Sequence[tuple[object, ...]] = ()) -> None:
        super().__init__(message, tuple(faults))
        self.faults = tuple(Fault._make(fault) for fault in faults)

    def __str__(self) -> str:
        return str(self.args[0])


class SimulationError(GutbrainError, ArithmeticError):
    """A number was wanted that the simulation does not give: not reached, or failed."""


class StorageError(GutbrainError, OSError):
    """A folder that cannot be read or written, or that holds something else."""


class ResultWarning(UserWarning):
    """Something that whoever reads the results should know."""
