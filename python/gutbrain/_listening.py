"""Who hears how far a study is: a bar of tqdm where there is one, and the warnings at the end."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from ._errors import ResultWarning


class Listener:
    """Hears of begun, finished and failed work, and keeps what is to be said of the results.

    ``progress``: ``True`` shows a bar of tqdm, ``False`` none; ``None`` shows one where tqdm is installed
    and somebody looks (a terminal or a notebook), once the work lasts longer than a second.
    """

    def __init__(self, progress: bool | None) -> None:
        self.warnings: list[str] = []
        self._bar: Any = None
        self._failed = 0
        self._wanted = progress
        if progress:
            need("tqdm", "progress=True")

    def begin(self, what: str, total: int) -> None:
        self.end()
        self._failed = 0
        if not self._shows():
            return
        from tqdm.auto import tqdm

        # Nobody knows how many there will be where the total is 0.
        self._bar = tqdm(total=total or None, desc=what, delay=1.0, leave=False, unit="")

    def advance(self, done: int, failed: int) -> None:
        if self._bar is None:
            return
        if failed:
            self._failed += failed
            self._bar.set_postfix_str(f"{self._failed} failed", refresh=False)
        self._bar.update(done)

    def detail(self, words: str) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str(words, refresh=False)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def note(self, message: str) -> None:
        """Notes are worth a line while they last; a bar says the same."""

    def _shows(self) -> bool:
        if self._wanted is not None:
            return self._wanted
        from importlib.util import find_spec

        watched = "ipykernel" in sys.modules or (sys.stderr is not None and sys.stderr.isatty())
        return watched and find_spec("tqdm") is not None

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def say(self, stacklevel: int = 3) -> None:
        """Says the warnings, once each, where the caller of the package called it."""
        import warnings

        for message in self.warnings:
            warnings.warn(message, ResultWarning, stacklevel=stacklevel)


def need(package: str, what: str) -> Any:
    """The package, or advice how to come by it."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        if error.name is not None and error.name.split(".")[0] != package:
            raise  # The package is there, and something that it needs is not.
        raise ImportError(
            f"{what} needs {package}, which is not installed\n  help: pip install {package}",
            name=package,
        ) from None
