#!/usr/bin/env python3
"""What a power cut leaves: the old run or the new one, and after the end of the command always the new one.

    tests/kill/power_cut.py [--program FILE] [--model FOLDER] [--cuts N] [--only-trace]

First the calls of the program are traced (needs strace): every byte of a run has to be synced before its
folder gets its name, and every folder in which a name has changed before the command ends. Then, as root
where loop devices can be had, an ext4 file system in a file is cut off at random moments: the program is
stopped, the file copied as it is at that moment, and the copy mounted.
"""

import argparse
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRACED = "openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat,link,linkat"
STUDY = """
[cohort]
subjects = 256
[sweep]
design = "latin-hypercube"
points = 200
features = ["onset"]
[[sweep.factor]]
target = "uptake"
"""


def prepare(folder):
    text = (ROOT / "tests/fixtures/scenarios/drug.toml").read_text()
    (folder / "s.toml").write_text(text)
    (folder / "w.toml").write_text(text + STUDY)


class Disk:
    """What of the files and names below a folder is on the disk, by the calls of the program."""

    def __init__(self, folder):
        self.folder, self.data, self.names, self.faults = folder, set(), set(), []

    def inside(self, path):
        return path.startswith(self.folder + "/") or path == self.folder

    def written(self, path):
        if self.inside(path):
            self.data.add(path)

    def named(self, path):
        parent = path.rsplit("/", 1)[0]
        if self.inside(parent):
            self.names.add(parent)

    def synced(self, path):
        self.data.discard(path)
        self.names.discard(path)

    def renamed(self, old, new, is_exchange):
        # What is renamed has to be whole on the disk before.
        below = [path for path in self.data | self.names if path == old or path.startswith(old + "/")]
        is_run = not new.rsplit("/", 1)[1].startswith(".")
        if is_run and not old.endswith(".manifest.new"):
            for path in below:
                self.faults.append(f"`{new}` gets its name before `{path}` is on the disk")
        for kind in (self.data, self.names):
            moved = {new + path[len(old):] for path in kind if path == old or path.startswith(old + "/")}
            there = {path for path in kind if path == new or path.startswith(new + "/")}
            back = {old + path[len(new):] for path in there} if is_exchange else set()
            # What had the name before is gone, or has changed places.
            kind.difference_update(below, there)
            kind.update(moved, back)
        self.named(old)
        self.named(new)


def follow(lines, folder):
    """The faults that a trace shows. Renames inside the hidden folder are no last step."""
    disk, waiting = Disk(folder), {}
    for line in lines:
        match = re.match(r"(\d+) +(.*)", line)
        thread, call = match[1], match[2]
        if call.endswith("<unfinished ...>"):
            waiting[thread] = call[: -len("<unfinished ...>")]
            continue
        resumed = re.match(r"<\.\.\. \w+ resumed>(.*)", call)
        if resumed:
            call = waiting.pop(thread, "") + resumed[1]
        name = call.split("(", 1)[0]
        if re.search(r"= -1 \w+", call):
            continue
        handle = re.search(r"\(\d+<([^>]*)>", call)
        texts = [text.encode().decode("unicode_escape") for text in re.findall(r'"((?:[^"\\]|\\.)*)"', call)]
        paths = [os.path.normpath(os.path.join(folder, text)) for text in texts]
        if name in ("write", "pwrite64", "ftruncate") and handle:
            disk.written(handle[1])
        elif name in ("fsync", "fdatasync") and handle:
            disk.synced(handle[1])
        elif name == "openat" and "O_CREAT" in call and paths:
            disk.named(paths[0])
            disk.written(paths[0])
        elif name.startswith("mkdir") and paths:
            disk.named(paths[0])
        elif name.startswith("link") and len(paths) == 2:
            disk.named(paths[1])
        elif name.startswith("rename") and len(paths) == 2:
            disk.renamed(*paths, "RENAME_EXCHANGE" in call)
    return disk


def traced(arguments, folder, command):
    log = folder.parent / "log"
    line = ["strace", "-f", "-y", "-qq", "-s", "4096", "-e", f"trace={TRACED}", "-o", str(log), arguments.program,
            *command.split(), "--model", arguments.model]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{command}: {done.stderr}")
    return log.read_text(errors="replace").splitlines()


def by_trace(arguments):
    faults = 0
    with tempfile.TemporaryDirectory() as root:
        folder = pathlib.Path(root).resolve() / "work"
        folder.mkdir()
        prepare(folder)
        for command in ("run s.toml -o o", "run s.toml -o o --seed 2", "run s.toml -o new/deep/o", "sweep w.toml -o w",
                        "sweep w.toml -o w --seed 2", "sensitivity s.toml -o study --set sensitivity.samples=4",
                        "plot o", "model export --scenario s.toml -o e.xml"):
            disk = follow(traced(arguments, folder, command), str(folder))
            wrong = list(disk.faults)
            left = [path for path in sorted(disk.data | disk.names) if os.path.exists(path)]
            # What is removed after the end needs no sync: the next start knows it.
            left = [path for path in left if not re.search(r"/\.[^/]*\.(partial|replaced)(/|$)", path)]
            wrong += [f"`{path}` is not on the disk at the end" for path in left]
            faults += len(wrong)
            print(f"{command}: {'every byte and name is synced' if not wrong else wrong}")
        # The other way round: the trace sees that nothing is synced.
        disk = follow(traced(arguments, folder, "run s.toml -o scratch --no-sync"), str(folder))
        if not disk.data and not disk.faults:
            sys.exit("the trace would not see a missing sync")
    return faults


def whole(folder):
    """The seed of a run whose files are all there, or what is wrong."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
        for name, entry in manifest["files"].items():
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
            if found != entry["sha256"]:
                return f"`{name}` is not what was written"
        return manifest["seed"] if manifest["state"] == "complete" else "not complete"
    except (OSError, ValueError, KeyError) as error:
        return repr(error)


def mount(image, place):
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", "loop", str(image), str(place)], check=True)


def by_cuts(arguments):
    faults = 0
    random.seed(7)
    with tempfile.TemporaryDirectory() as root:
        root = pathlib.Path(root)
        image, copy, disk, after = root / "image", root / "copy", root / "disk", root / "after"
        subprocess.run(["dd", "if=/dev/zero", f"of={image}", "bs=1M", "count=96", "status=none"], check=True)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
        mount(image, disk)
        try:
            prepare(disk)
            line = [arguments.program, "run", "s.toml", "-q", "-o", "o", "--model", arguments.model, "--seed"]
            subprocess.run([*line, "0"], cwd=disk, check=True, capture_output=True)
            os.sync()
            started = time.monotonic()
            subprocess.run([*line, "0"], cwd=disk, check=True, capture_output=True)
            lasts = time.monotonic() - started
            for cut in range(1, arguments.cuts + 1):
                old = whole(disk / "o")
                process = subprocess.Popen([*line, str(cut)], cwd=disk, stdout=subprocess.DEVNULL)
                time.sleep(random.uniform(0.0, 1.3 * lasts))
                done = process.poll()
                if done is None:
                    process.send_signal(signal.SIGSTOP)
                subprocess.run(["cp", "--sparse=always", str(image), str(copy)], check=True)
                if done is None:
                    process.send_signal(signal.SIGCONT)
                process.wait()
                mount(copy, after)
                try:
                    found = whole(after / "o")
                    allowed = [cut] if done == 0 else [old, cut]
                    if found not in allowed:
                        faults += 1
                        print(f"cut {cut} (the program had {'ended' if done == 0 else 'not ended'}): {found}")
                    again = subprocess.run([*line, "9"], cwd=after, capture_output=True, text=True, check=False)
                    if again.returncode != 0 or whole(after / "o") != 9:
                        faults += 1
                        print(f"cut {cut}: the next start ends with {again.returncode}: {again.stderr}")
                    if len(list(after.glob(".o*"))) > 0:
                        faults += 1
                        print(f"cut {cut}: something hidden stays")
                finally:
                    subprocess.run(["umount", str(after)], check=True)
        finally:
            subprocess.run(["umount", str(disk)], check=True)
    print(f"{arguments.cuts} power cuts, {faults} faults")
    return faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=str(ROOT / "target/release/gutbrain"), type=pathlib.Path)
    parser.add_argument("--model", default=str(ROOT / "tests/fixtures/model"))
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("--only-trace", action="store_true")
    arguments = parser.parse_args()
    arguments.program = str(arguments.program.resolve())
    if shutil.which("strace") is None:
        sys.exit("strace is needed: apt-get install strace")
    faults = by_trace(arguments)
    has_loops = os.geteuid() == 0 and os.path.exists("/dev/loop-control")
    if not arguments.only_trace:
        if has_loops:
            faults += by_cuts(arguments)
        else:
            print("no loop devices here, or not root: the trace has to do")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
