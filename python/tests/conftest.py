"""What the tests share: results of the main scenario, and the command to compare with."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

import gutbrain as gb

ROOT = Path(__file__).resolve().parents[2]

Files = dict[str, bytes]


def command_path() -> str:
    """The program to compare with: the one of the build, or else the one that the wheel brought."""
    found = os.environ.get("GUTBRAIN_COMMAND")
    return found or os.path.join(sysconfig.get_path("scripts"), "gutbrain")


def files_of(folder: Path) -> Files:
    """The files of a folder of results but for the manifest, which has clocks in it."""
    found = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
    assert names.pop("manifest.json")
    return names


@pytest.fixture(scope="session")
def command(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Files]:
    """Runs a command that writes a folder, and gives the files."""

    def call(*arguments: str) -> Files:
        folder = tmp_path_factory.mktemp("command") / "results"
        line = [command_path(), *arguments, "--quiet", "--no-sync", "--output", str(folder)]
        done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return files_of(folder)

    return call


@pytest.fixture(scope="session")
def results() -> gb.Results:
    """The main experiment: two arms, one animal each."""
    return gb.run("butyrate-g93a")


@pytest.fixture(scope="session")
def cohort() -> gb.Results:
    """Five animals in two arms."""
    return gb.run("butyrate-g93a-cohort", set={"cohort.subjects": 5})
