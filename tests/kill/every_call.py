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


TRIAL = COHORT + """
[trial]
pool = 520
replicates = 40
group_sizes = [4]
"""
MERGED = ["sweep s.toml -o a --threads 1 --shard 1/2", "sweep s.toml -o b --threads 1 --shard 2/2"]
FIT = "calibrate fit.toml --threads 1 -o o"

# A decay of which every answer is known: a fit of it takes milliseconds.
DECAY = {
    "m/body.toml": """
[compartment.body]
says = "Body"
region = "body"
assumed = "test"
[species.x]
says = "Quantity"
where = "body"
unit = "1"
initial = 1.0
scale = 1
assumed = "test"
[parameter.k]
says = "Loss"
unit = "1/day"
value = 0.1
range = [0.01, 1.0]
prior = "lognormal"
assumed = "test"
[process.loss]
says = "Loss."
changes = { x = -1 }
rate = "k * x"
assumed = "test"
""",
    "m/size.toml": """
[parameter.a]
says = "Size"
unit = "1"
value = 2.0
range = [0.2, 20.0]
prior = "lognormal"
assumed = "test"
[observable.y]
says = "What is seen"
unit = "1"
value = "a * x"
assumed = "test"
""",
    "m/subjects/animal.toml": """
says = "An animal"
species = "mouse"
strain = "test"
genotype = "test"
""",
    "d.toml": """
schema = 1
[subject]
preset = "animal"
[simulation]
start = "0 d"
stop = "40 d"
every = "1 d"
[[arm]]
name = "control"
""",
    "fit.toml": """
says = "decay"
horizon = "60 d"
starts = 3
evaluations = 40
parameters = ["k", "a"]
[prior]
weight = 0.1
[posterior]
chains = 4
rounds = 1
round = 20
steps = 40
every = 5
walk = 0
vectors = 10
[[target]]
name = "at 0"
scenario = "d.toml"
arm = "control"
feature = "observable y at 0"
value = 3.0
sd = 0.3
[[target]]
name = "at 10"
scenario = "d.toml"
arm = "control"
feature = "observable y at 10"
value = 0.4
sd = 0.06
""",
}


class Case:
    """A command, what stands there before it, and what is started after the kill.

    `changes_input`: the command writes what it reads (fitted values), so that a next start may begin where
    the killed one ended. What it reads is whole at every start: `reads` asks.
    """

    def __init__(self, name, command, before=(), after=None, extra="", folder="o", model=None,
                 changes_input=False):
        self.name, self.command, self.before = name, command, before
        self.after, self.extra, self.folder = after or command, extra, folder
        self.model, self.changes_input = model, changes_input


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
    Case("study-over-old", "sensitivity s.toml -o o --threads 1 --seed 2", ["sensitivity s.toml -o o --threads 1"],
         extra=STUDY),
    Case("plot-again", "plot o", ["run s.toml -o o"]),
    Case("trial-first", "trial s.toml -o o --threads 1 --resume", extra=TRIAL),
    Case("trial-over-old", "trial s.toml -o o --threads 1 --seed 2", ["trial s.toml -o o --threads 1"], extra=TRIAL),
    Case("merge-first", "merge a b -o o", MERGED, extra=SWEEP),
    Case("merge-again", "merge a b -o o", [*MERGED, "merge a b -o o"], extra=SWEEP),
    Case("report-first", "report o -o d/page.html", ["run s.toml -o o"], folder="d"),
    Case("report-again", "report o -o d/page.html", ["run s.toml -o o", "report o -o d/page.html",
                                                     "run s.toml -o o --seed 2"], folder="d"),
    Case("export-first", "model export --scenario s.toml -o d/m.xml", folder="d"),
    Case("export-again", "model export --scenario t.toml --seed 2 -o d/m.xml",
         ["model export --scenario s.toml -o d/m.xml"], folder="d"),
    Case("archive-again", "model export --format omex --scenario t.toml --seed 2 -o d/m.omex",
         ["model export --format omex --scenario s.toml -o d/m.omex"], folder="d"),
    Case("attribute-first", "attribute s.toml -o o --threads 1"),
    Case("attribute-again", "attribute s.toml -o o --threads 1", ["attribute s.toml -o o --threads 1"]),
    Case("repeat-first", "repeat c --subject 3 --arm drug -o o", ["run s.toml -o c"], extra=COHORT),
    Case("fit-first", FIT + " --resume", model="m"),
    Case("fit-again", FIT + " --starts 4", [FIT], model="m"),
    Case("posterior-first", FIT + " --posterior --resume", model="m"),
    Case("posterior-again", FIT + " --posterior", [FIT + " --posterior"], model="m"),
    Case("profile-first", FIT + " --profile all --resume", model="m"),
    Case("profile-again", FIT + " --profile all", [FIT + " --profile all"], model="m"),
    Case("apply-first", FIT + " --apply", model="m", folder="m", changes_input=True),
    Case("apply-posterior", FIT + " --posterior --apply", model="m", folder="m", changes_input=True),
]
# Commands that write no file of their own when they are done: `validate`, `check`, `compare` and the like
# print; there is nothing to kill them at.


class Place:
    """Folders of one case: what stands before, what comes after."""

    def __init__(self, case, arguments, root):
        self.case, self.arguments, self.root = case, arguments, root
        self.start = root / "start"
        self.start.mkdir()
        text = (ROOT / "tests/fixtures/scenarios/drug.toml").read_text()
        for name in ("s.toml", "t.toml"):
            (self.start / name).write_text(text + case.extra)
        for name, content in DECAY.items():
            (self.start / name).parent.mkdir(parents=True, exist_ok=True)
            (self.start / name).write_text(content)
        (self.start / "d").mkdir()
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
        words = [self.arguments.program, *command.split()]
        if words[1] == "repeat":
            return words
        return [*words, "--model", self.case.model or self.arguments.model]

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
    # What is in the making has a hidden name; `hidden` looks at it.
    files = (path for path in sorted(folder.rglob("*"))
             if path.is_file() and path.name != "manifest.json" and not path.name.startswith("."))
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
    if case.changes_input:
        # What was begun and is sure to be ended is ended by whoever reads the files next.
        read = place.call("check d.toml", folder)
        if read.returncode != 0:
            wrong.append(f"cannot be read: {read.stderr.strip()[:300]}")
    found = results(folder / case.folder)
    if found not in (place.old, place.new):
        wrong.append("neither the old run nor the new one")
    left = hidden(folder)
    next_start = place.call(case.after, folder)
    if next_start.returncode != place.after_code:
        wrong.append(f"the next start ends with {next_start.returncode}: {next_start.stderr.strip()[:300]}")
    ends = [place.final, place.new] if case.changes_input else [place.final]
    if results(folder / case.folder) not in ends:
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
