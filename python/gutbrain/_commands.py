"""What the package's own command line does, in a process of its own.

The command line takes over Ctrl-C and the threads of its process, so it has one: the same program, from
the same wheel, with its results read back from the folder that it writes. Long studies that are to be gone
on with after an interruption work this way, and what the command line alone can do.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from . import _gutbrain
from ._errors import GutbrainError, ScenarioError, StorageError
from ._listening import Listener
from ._question import Asked, ask
from ._results import Results, read

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Generator, Iterator

    from ._question import ScenarioLike

_PARENT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from gutbrain.__main__ import main; main()"


def plot(
    folder: str | os.PathLike[str],
    *,
    model: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> Results:
    """Draws the figures of a folder of results again from its tables; ``gutbrain plot``.

    The folder stays as it is: the figures are in the results that are given back.
    """
    return _in_folder("plot", [os.fspath(folder)], _model(model), progress, None)


def report(
    folder: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    credibility: bool = False,
    force: bool = False,
    model: str | os.PathLike[str] | None = None,
) -> None:
    """Writes one HTML page about a saved study for readers who were not there; ``gutbrain report``.

    ``folder`` is what :meth:`Results.save` or a command wrote, ``output`` the page. ``credibility`` adds what
    frameworks of credibility ask, ``force`` replaces a file that gutbrain did not write.
    """
    flags = ["--credibility"] if credibility else []
    flags += ["--force"] if force else []
    call("report", os.fspath(folder), "--output", os.fspath(output), *flags, *_model(model))


def cite(
    scenario: ScenarioLike,
    *,
    set: Mapping[str, Any] | None = None,
    arm: str | Iterable[str] | None = None,
    model: str | os.PathLike[str] | None = None,
    bibtex: bool = False,
) -> str:
    """The references behind a scenario, as a list or as BibTeX; ``gutbrain cite``."""
    asked = ask(scenario, set=set, arm=arm, model=model)
    asked.core.resolved()
    with scratch_folder() as scratch:
        form = ["--bibtex"] if bibtex else []
        return call("cite", *_scenario(asked, scratch), *form)


@contextmanager
def scratch_folder() -> Iterator[str]:
    """A folder that is gone afterwards. (What only commands need is imported when one is called.)"""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="gutbrain-") as folder:
        yield folder


def call(*arguments: str, progress: bool | None = False) -> str:
    """What a command prints; raises as it fails, and says what it warns of."""
    text, listener = _call(list(arguments), progress)
    listener.say(stacklevel=4)
    return text


def _model(model: str | os.PathLike[str] | None) -> list[str]:
    return [] if model is None else ["--model", os.fspath(model)]


def study_in_folder(
    command: str,
    asked: Asked,
    options: dict[str, str | int | None],
    output: str | os.PathLike[str],
    resume: bool,
    progress: bool | None,
) -> Results:
    """A study that keeps what is finished in a folder, where ``resume`` goes on with it."""
    # All faults of the scenario at once, with their places, before a process is started.
    asked.core.resolved()
    arguments = ["--resume"] if resume else []
    arguments += _given(options)
    with scratch_folder() as scratch:
        return _in_folder(command, _scenario(asked, scratch), arguments, progress, output)


def calibration_in_folder(
    file: str,
    is_shipped: bool,
    options: dict[str, str | int | None],
    flags: list[str],
    output: str | os.PathLike[str],
    progress: bool | None,
) -> Results:
    """A calibration that keeps what is finished in a folder."""
    arguments = [*flags, *_given(options)]
    with scratch_folder() as scratch:
        if is_shipped:
            _write_shipped(scratch)
            file = os.path.join(scratch, "calibration", f"{file}.toml")
        return _in_folder("calibrate", [file], arguments, progress, output)


def _given(options: dict[str, str | int | None]) -> list[str]:
    """The options that have a value, as arguments."""
    given = ((name, value) for name, value in options.items() if value is not None)
    return [part for name, value in given for part in (f"--{name}", str(value))]


def _scenario(asked: Asked, scratch: str) -> list[str]:
    """The arguments for a scenario: its path, and what is changed in it."""
    changes = [] if asked.model is None else ["--model", asked.model]
    if asked.variant is not None:
        changes += ["--variant", asked.variant]
    if asked.kind in ("path", "shipped"):
        for change in asked.set:
            changes += ["--set", change]
        for arm in asked.arms:
            changes += ["--arm", arm]
        if asked.seed is not None:
            changes += ["--seed", str(asked.seed)]
    if asked.kind == "path":
        return [asked.content, *changes]
    if asked.kind == "shipped":
        _write_shipped(scratch)
        return [os.path.join(scratch, "scenarios", f"{asked.content}.toml"), *changes]
    # A text has no folder: it is written out with everything that it extends, and the changes are in it.
    path = os.path.join(scratch, f"{asked.core.stem}.toml")
    with open(path, "wb") as file:
        file.write(asked.core.resolved().encode())
    return [path, *changes]


def _write_shipped(scratch: str) -> None:
    for name, text in _gutbrain.shipped():
        path = os.path.join(scratch, *name.split("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text.encode())


def _in_folder(
    command: str,
    inputs: list[str],
    options: list[str],
    progress: bool | None,
    output: str | os.PathLike[str] | None,
) -> Results:
    """Calls a command that writes a folder, and reads the folder."""
    with scratch_folder() as scratch:
        target = os.path.join(scratch, "results") if output is None else os.fspath(output)
        sync = ["--no-sync"] if output is None else []
        arguments = [command, *options, *sync, "--output", target, *inputs]
        _, listener = _call(arguments, progress)
        results = read(target)
    listener.say(stacklevel=5)
    return Results(results._core, None, listener.warnings)


def _call(arguments: list[str], progress: bool | None) -> tuple[str, Listener]:
    """Calls the command line in a process of its own; what it printed, and who heard its warnings."""
    import signal
    import subprocess
    import tempfile

    start = [sys.executable, "-c", _START, _PARENT, "--message-format", "json", *arguments]
    listener = Listener(progress)
    errors: list[dict[str, Any]] = []
    others: list[str] = []
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            start, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.PIPE
        )
        lines = _lines(process)
        try:
            for line in lines:
                _hear(line, listener, errors, others, bool(progress))
            code = process.wait()
        except BaseException:
            _stop(process)
            raise
        finally:
            lines.close()
        printed.seek(0)
        text = printed.read().decode()
    if code in (0, 1, 3):
        return text, listener
    if code in (130, -signal.SIGINT):
        raise KeyboardInterrupt
    raise _error(code, arguments[0], errors, others)


def _lines(process: subprocess.Popen[bytes]) -> Generator[bytes, None, None]:
    """The lines that a process says, as they come.

    A thread waits for them, and the calling one looks up ten times a second: a signal may meet any thread
    of a process, and one that waits for a line would hear of it with the next line only.
    """
    import queue
    import threading

    said: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def listen() -> None:
        assert process.stderr is not None
        with process.stderr:
            for line in process.stderr:
                said.put(line)
        said.put(None)

    reader = threading.Thread(target=listen, daemon=True)
    reader.start()
    try:
        while True:
            try:
                line = said.get(timeout=0.1)
            except queue.Empty:
                continue
            if line is None:
                return
            yield line
    finally:
        # The process has ended, or is ended by whoever stopped listening.
        if process.poll() is not None:
            reader.join()


def _hear(
    line: bytes,
    listener: Listener,
    errors: list[dict[str, Any]],
    others: list[str],
    shows: bool,
) -> None:
    import json

    text = line.decode(errors="replace").rstrip()
    try:
        said = json.loads(text)
        level, message = said["level"], said["message"]
    except (ValueError, KeyError, TypeError):
        others.append(text)
        return
    if level == "error":
        errors.append(said)
    elif level == "warning":
        listener.warn(message)
    elif shows:
        print(message, file=sys.stderr)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the command as Ctrl-C does, so that it keeps what it has; then for good."""
    import signal
    import subprocess

    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _error(
    code: int, command: str, errors: list[dict[str, Any]], others: list[str]
) -> GutbrainError:
    faults = [
        (it["code"], it["message"], it["label"], it["help"], it["file"], it["line"], it["column"])
        for it in errors
        if "file" in it
    ]
    lines = [it["message"] if "file" not in it else _line(it) for it in errors] or others[-20:]
    message = "\n".join(lines) or f"`gutbrain {command}` ended with exit code {code}"
    if code == 2:
        return ScenarioError(message, faults)
    if code == 4:
        return StorageError(message)
    return GutbrainError(message)


def _line(fault: dict[str, Any]) -> str:
    text = f"{fault['file']}:{fault['line']}:{fault['column']}: {fault['message']}"
    if fault["label"]:
        text += f" ({fault['label']})"
    if fault["help"]:
        text += f"\n  help: {fault['help']}"
    return text
