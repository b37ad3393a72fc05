"""The package as a guest in a process: imports, threads, signals, forks, and the command line."""

from __future__ import annotations

import concurrent.futures
import io
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import gutbrain as gb
from conftest import command_path
from gutbrain._listening import Listener

IMPORT_BUDGET_MS = 50
LARGE = {"cohort.subjects": 20_000, "cohort.visits": []}


def python(*arguments: str) -> str:
    line = [sys.executable, *arguments]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_import_is_quick_and_brings_nobody_along() -> None:
    code = (
        "import sys, time; begin = time.process_time(); import gutbrain; "
        "print(1000 * (time.process_time() - begin), sorted(sys.modules))"
    )
    # Time of the processor, the best of five: the machine may have other things to do.
    best = min(float(python("-c", code).split()[0]) for _ in range(5))
    assert best < IMPORT_BUDGET_MS, f"the import takes {best:.0f} ms"
    modules = python("-c", code)
    for heavy in ("numpy", "pandas", "polars", "pyarrow", "xarray", "tqdm", "subprocess", "difflib"):
        assert f"'{heavy}'" not in modules


def test_the_lock_of_the_interpreter_is_free_while_computing() -> None:
    ticks = 0
    done = threading.Event()

    def count() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    begin = time.perf_counter()
    gb.run("butyrate-g93a-cohort", set={"cohort.subjects": 200}, threads=1)
    seconds = time.perf_counter() - begin
    done.set()
    thread.join()
    assert ticks > 50 * seconds, f"{ticks} ticks in {seconds:.1f} s"


def test_an_interrupt_ends_a_study_between_blocks() -> None:
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    begin = time.perf_counter()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        gb.run("butyrate-g93a-cohort", set=LARGE)
    seconds = time.perf_counter() - begin
    assert seconds < 20, f"it went on for {seconds:.0f} s"
    # And the package is of use afterwards.
    assert gb.run("wild-type").counts.failed == 0


@pytest.mark.parametrize("by", ["study", "command"])
def test_an_interrupt_ends_whatever_lasts(by: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept" if by == "command" else None
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT))
    begin = time.perf_counter()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        gb.sensitivity("sensitivity/sobol-butyrate", output=kept)
    seconds = time.perf_counter() - begin
    assert seconds < 20, f"it went on for {seconds:.0f} s"


def test_what_a_listener_raises_ends_the_study() -> None:
    class Tired:
        def begin(self, what: str, total: int) -> None: ...

        def advance(self, done: int, failed: int) -> None:
            raise ArithmeticError("tired")

        def detail(self, words: str) -> None: ...

        def end(self) -> None: ...

        def warn(self, message: str) -> None: ...

        def note(self, message: str) -> None: ...

    from gutbrain import _gutbrain
    from gutbrain._question import ask

    asked = ask("butyrate-g93a-cohort", set=LARGE)
    with pytest.raises(ArithmeticError, match="tired"):
        _gutbrain.run(asked.core, "parquet", None, Tired())


def test_progress_is_a_bar_of_tqdm(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    gb.run("butyrate-g93a-cohort", set={"cohort.subjects": 5}, progress=True)
    assert "lives" not in shown.getvalue(), "what is done within a second needs no bar"
    with Listener(True) as listener:
        listener.begin("lives", 10)
        time.sleep(1.1)
        listener.advance(4, 1)
    assert "lives:  40%" in shown.getvalue() and "1 failed" in shown.getvalue()


def test_progress_without_tqdm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match="progress=True needs tqdm"):
        gb.run("wild-type", progress=True)
    assert gb.run("wild-type").counts.failed == 0


def death(dose: str) -> float:
    found = gb.run("butyrate-g93a", set={"arm.butyrate.dose": dose}, arm="butyrate", threads=1)
    age = found.endpoints["death_d"][0]
    assert isinstance(age, float)
    return age


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.* is extrapolated")
def test_processes_of_either_kind_work_after_a_run(method: str) -> None:
    doses = ["0.5 %", "1 %", "2 %"]
    here = [death(dose) for dose in doses]
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(death, doses, timeout=120)) == here


@pytest.mark.filterwarnings("ignore:.* is extrapolated")
def test_threads_of_python_work_side_by_side() -> None:
    doses = ["0.5 %", "1 %", "2 %"]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        assert list(pool.map(death, doses)) == [death(dose) for dose in doses]


def test_the_command_line_is_in_the_wheel() -> None:
    script = command_path() if "GUTBRAIN_COMMAND" not in os.environ else None
    for line in ([script] if script else [], [sys.executable, "-m", "gutbrain"]):
        if not line:
            continue
        said = subprocess.run([*line, "--version"], capture_output=True, text=True, check=True)
        assert said.stdout.strip() == f"gutbrain {gb.__version__}"
        wrong = subprocess.run([*line, "run", "nowhere.toml"], capture_output=True, text=True)
        assert wrong.returncode == 2 and "nowhere.toml" in wrong.stderr


def test_texts_of_commands() -> None:
    assert "zo1" in gb.model.show("zo1")
    with pytest.raises(gb.ScenarioError, match="nonsense"):
        gb.model.show("nonsense")
    explained = gb.model.explain("butyrate-g93a", species="il17_plasma", at=60, arm="control")
    assert "il17_plasma" in explained
    assert "@" in gb.cite("butyrate-g93a", bibtex=True)


def test_a_local_folder_of_that_name_is_not_the_package(tmp_path: object) -> None:
    folder = os.path.join(str(tmp_path), "gutbrain")
    os.mkdir(folder)
    with open(os.path.join(folder, "__init__.py"), "w") as file:
        file.write("raise SystemExit('the wrong one')")
    code = f"import os; import gutbrain as gb; os.chdir({str(tmp_path)!r}); print(gb.cite('wild-type')[:8])"
    assert python("-c", code) == "Evidence\n"


def test_a_command_that_cannot_begin_says_why() -> None:
    with pytest.raises(gb.ScenarioError, match="nowhere"):
        gb.validate(model="nowhere")
    with pytest.raises(gb.ScenarioError, match="nowhere"):
        gb.validate(scenarios="nowhere")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"file": "nonsense"}, "no shipped calibration is called 'nonsense'"),
        ({"file": "nowhere.toml"}, "nowhere.toml"),
        ({"method": "guessing"}, "no method of a fit\n  help: methods: lm"),
        ({"profile": ["nonsense"]}, "`nonsense` is not fitted"),
        ({"profile": "all"}, "is one text"),
        ({"posterior": True, "renew": True}, "one of them"),
        ({"starts": -1}, "starts=-1"),
        ({"resume": True}, "needs the output folder"),
    ],
)
def test_calibrations_without_a_meaning(options: dict[str, Any], message: str) -> None:
    with pytest.raises(gb.ScenarioError, match=message):
        gb.calibrate(**{"file": "foundation", **options})


def test_instructions_that_nobody_knows_are_refused() -> None:
    code = "import gutbrain as gb; gb.run('wild-type')"
    environment = {**os.environ, "GUTBRAIN_NATIVE": "abacus"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and "ScenarioError" in done.stderr and "abacus" in done.stderr
