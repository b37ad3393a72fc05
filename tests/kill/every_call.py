#!/usr/bin/env python3
"""Kills the program at every call that writes, and looks at what is left.

    tests/kill/every_call.py [--program FILE] [--model FOLDER] [--most N] [CASE ...]

After each kill the output folder is the old run or the new one, byte for byte but for the clocks in the
manifest; the next start ends as it should, with the bytes of a run that nobody disturbed, says a word if
it discards something, and leaves nothing hidden. Needs strace (4.22 or later), which counts the calls and
sends the signal.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CALLS = ["write", "pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "renameat", "renameat2", "link", "linkat",
         "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "chmod", "fchmod", "fchmodat"]

COHORT = '\n[cohort]\nsubjects = 64\n'
SWEEP = COHORT + """
[sweep]
design = "latin-hypercube"
points = 200
features = ["onset"]
[[sweep.factor]]
target = "uptake"
"""
STUDY = """
[sensitivity]
method = "morris"
samples = 4
"""


class Case:
    """A command, what stands there before it, and what is started after the kill."""

    def __init__(self, name, command, before=(), after=None, extra="", folder="o"):
        self.name, self.command, self.before = name, command, before
        self.after, self.extra, self.folder = after or command, extra, folder


CASES = [
    Case("run-first", "run s.toml -o o"),
    Case("run-again", "run s.toml -o o --seed 2", ["run s.toml -o o"]),
    Case("run-forced", "run s.toml -o o --force", ["run t.toml -o o"], "run s.toml -o o --force"),
    Case("run-new-parents", "run s.toml -o a/b/o", folder="a/b/o"),
    Case("cohort-again", "run s.toml -o o --seed 2", ["run s.toml -o o"], extra=COHORT),
    Case("sweep-first", "sweep s.toml -o o --threads 1", extra=SWEEP),
    Case("sweep-resumed", "sweep s.toml -o o --threads 1 --resume", extra=SWEEP),
    Case("sweep-again", "sweep s.toml -o o --threads 1 --seed 2 --resume", [], extra=SWEEP),
    Case("sweep-over-old", "sweep s.toml -o o --threads 1 --seed 2", ["sweep s.toml -o o --threads 1"], extra=SWEEP),
    Case("study-first", "sensitivity s.toml -o o --threads 1 --resume", extra=STUDY),
    Case("plot-again", "plot o", ["run s.toml -o o"]),
]


class Place:
    """Folders of one case: what stands before, what comes after."""

    def __init__(self, case, arguments, root):
        self.case, self.arguments, self.root = case, arguments, root
        self.start = root / "start"
        self.start.mkdir()
        text = (ROOT / "tests/fixtures/scenarios/drug.toml").read_text()
        for name in ("s.toml", "t.toml"):
            (self.start / name).write_text(text + case.extra)
        for command in case.before:
            self.call(command, self.start)
        self.old = results(self.start / case.folder)
        done = self.copy("done")
        self.code = self.call(case.command, done).returncode
        self.new = results(done / case.folder)
        ended = self.call(case.after, done)
        self.after_code = ended.returncode
        self.final = results(done / case.folder)
        shutil.rmtree(done)

    def copy(self, name):
        place = self.root / name
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.start, place)
        return place

    def line(self, command):
        return [self.arguments.program, *command.split(), "--model", self.arguments.model]

    def call(self, command, folder):
        return subprocess.run(self.line(command), cwd=folder, capture_output=True, text=True, check=False)

    def traced(self, folder, options):
        command = ["strace", "-f", "-qq", *options, *self.line(self.case.command)]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    def counts(self):
        """The most often that one thread makes each call."""
        place, log = self.copy("counted"), self.root / "log"
        self.traced(place, ["-e", "trace=" + ",".join("?" + call for call in CALLS), "-o", str(log)])
        found = {}
        for line in log.read_text().splitlines():
            match = re.match(r"(\d+) +(\w+)\(", line)
            if match:
                key = (match[2], match[1])
                found[key] = found.get(key, 0) + 1
        most = {}
        for (call, _), count in found.items():
            most[call] = max(most.get(call, 0), count)
        return most


def results(folder):
    """Every file but the manifest, the one that may differ; nothing if there is no folder."""
    if not folder.exists():
        return None
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "manifest.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def hidden(folder):
    return [str(path.relative_to(folder)) for path in sorted(folder.rglob(".*"))]


def kill(place, call, number):
    """One kill; what is wrong with what it leaves."""
    case, wrong = place.case, []
    folder = place.copy("killed")
    ended = place.traced(folder, ["-o", "/dev/null", "-e", f"trace={call}",
                                  "-e", f"inject={call}:signal=SIGKILL:when={number}"])
    if ended.returncode == place.code:
        return None
    found = results(folder / case.folder)
    if found not in (place.old, place.new):
        wrong.append("neither the old run nor the new one")
    left = hidden(folder)
    next_start = place.call(case.after, folder)
    if next_start.returncode != place.after_code:
        wrong.append(f"the next start ends with {next_start.returncode}: {next_start.stderr.strip()[:300]}")
    if results(folder / case.folder) != place.final:
        wrong.append("other bytes in the end")
    if hidden(folder):
        wrong.append(f"hidden: {hidden(folder)}")
    had_parts = any(name.endswith(".chunk") for name in left)
    if had_parts and "--resume" not in case.after and "discarded" not in next_start.stderr:
        wrong.append("discarded without a word")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=str(ROOT / "target/release/gutbrain"), type=pathlib.Path)
    parser.add_argument("--model", default=str(ROOT / "tests/fixtures/model"))
    parser.add_argument("--most", type=int, default=10**9, help="kills for each kind of call")
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    arguments.program = str(arguments.program.resolve())
    if shutil.which("strace") is None:
        sys.exit("strace is needed: apt-get install strace")
    kills = faults = 0
    for case in CASES:
        if arguments.cases and case.name not in arguments.cases:
            continue
        with tempfile.TemporaryDirectory() as root:
            place = Place(case, arguments, pathlib.Path(root))
            if place.code not in (0, 3) or place.after_code not in (0, 3):
                sys.exit(f"{case.name}: the command ends with {place.code}, the next with {place.after_code}")
            of_case = 0
            for call, count in sorted(place.counts().items()):
                step = max(1, count // arguments.most)
                for number in range(1, count + 1, step):
                    wrong = kill(place, call, number)
                    if wrong is None:
                        continue
                    of_case += 1
                    for what in wrong:
                        faults += 1
                        print(f"{case.name}: killed at {call} {number}: {what}")
            print(f"{case.name}: {of_case} kills")
            kills += of_case
    print(f"{kills} kills, {faults} faults")
    sys.exit(1 if faults or not kills else 0)


if __name__ == "__main__":
    main()
