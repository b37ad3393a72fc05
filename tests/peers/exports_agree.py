"""Other programs live the same lives: every arm of every shipped scenario, and random subjects.

libSBML must find nothing in any export; libRoadRunner, COPASI and bngsim must agree with gutbrain to 1e-6:
|ours - theirs| / (|ours| + 1e-3 max|ours|) over the output grid, for every species and observable, and
the same for the ages of onset, paralysis and death. Results go to target/peers-runs/agreement.json.
An arm that another scenario has too, to the letter, is lived once. bngsim derives Jacobians for seconds, so
it gets the scenarios of THIRD and the random subjects.

    python tests/peers/exports_agree.py [--only SCENARIO] [--subjects N]
"""

import argparse
import hashlib
import json
import math
import random
import re
import shutil
import sys
import tomllib
from multiprocessing import Pool

from copasi_model import CopasiAlone
from exported import ROOT, RUNS, Bngsim, Export, RoadRunner, check, compare, export, gutbrain, run

LIMIT = 1e-6
SUBJECTS = "scenarios/butyrate-g93a.toml", "butyrate"
# Windows, doses every night, perturbations of rates.
THIRD = ("butyrate-g93a", "night-drinking", "knock-outs")


def attempt(peer, exported, ours, ends):
    """The differences, the largest one of the first try where a second was needed, and who gave them.

    In a process that did other things before, some of COPASI's imports of a file step badly (see
    docs/exchange.md). It is asked in a process of its own; one second try, by a fresh model, is allowed and
    reported all the same.
    """
    differences, _ = compare(exported, ours, ends, peer)
    first = max(differences.values())
    if not isinstance(peer, CopasiAlone) or first <= LIMIT:
        return differences, None, peer
    peer.close()
    peer = CopasiAlone(exported)
    differences, _ = compare(exported, ours, ends, peer)
    return differences, first, peer


def letters(path):
    """What an export says, without its title."""
    text = path.read_text("utf-8")
    text = re.sub(r'<model [^>]*>', "", text, count=1)
    return hashlib.sha256(re.sub(r"<notes>.*?</notes>", "", text, count=1, flags=re.DOTALL).encode()).hexdigest()


def scenario(path):
    """Every arm of one scenario."""
    folder = RUNS / path.stem
    rows, faults, again = [], [], []
    try:
        arms = run(path, folder)
        for number, (arm, (ours, ends)) in enumerate(arms.items()):
            file = export(path, arm, folder.with_suffix(f".{number}.xml"))
            # Whoever makes the file of this name first compares the arm.
            claim = RUNS / "lived" / f"{letters(file)}-{len(ours['time_d'])}"
            try:
                claim.touch(exist_ok=False)
            except FileExistsError:
                if path.stem not in THIRD:
                    again.append(f"{path.stem}, {arm}: another scenario has it, to the letter")
                    continue
            exported = Export(file)
            faults += [f"{path.stem}, {arm}: {fault}" for fault in check(exported.path)]
            for kind in (RoadRunner, CopasiAlone, Bngsim)[: 3 if path.stem in THIRD else 2]:
                differences, first, peer = attempt(kind(exported), exported, ours, ends)
                if isinstance(peer, CopasiAlone):
                    peer.close()
                rows.append((path.stem, arm, kind.name, differences))
                if first:
                    again.append(f"{path.stem}, {arm}, {kind.name}: {first:.1e} at the first try")
    except Exception as error:  # a peer that fails is a failure of the test, with its words
        faults.append(f"{path.stem}: {type(error).__name__}: {error}")
    return rows, faults, again


def draws(count):
    """Random subjects: every uncertain parameter within its range, log-normally about its value."""
    parameters = {}
    for file in sorted((ROOT / "model").glob("*.toml")):
        parameters.update(tomllib.loads(file.read_text("utf-8")).get("parameter", {}))
    stream = random.Random(20261122)
    for _ in range(count):
        sets = []
        for name in sorted(parameters):
            entry = parameters[name]
            if entry.get("prior", "fixed") == "fixed" or entry.get("role") == "input" or entry["value"] <= 0:
                continue
            low, high = entry["range"]
            value = entry["value"] * math.exp(0.15 * stream.gauss(0, 1))
            sets.append(f'{name}="{min(max(value, low), high)!r} {entry["unit"]}"')
        yield sets


def subjects(numbered):
    """Random subjects in one arm: each peer compiles the model once and is given every subject."""
    which, many = numbered
    path, arm = ROOT / SUBJECTS[0], SUBJECTS[1]
    rows, faults, again, peers = [], [], [], None
    for number, sets in many:
        name = f"subject {number}"
        try:
            folder = RUNS / f"subject-{number}"
            ours, ends = run(path, folder, sets)[arm]
            exported = Export(export(path, arm, folder.with_suffix(".xml"), sets))
            peers = peers or [RoadRunner(exported), CopasiAlone(exported), Bngsim(exported)]
            for place, peer in enumerate(peers):
                peer.give(exported)
                differences, first, peers[place] = attempt(peer, exported, ours, ends)
                if first:
                    again.append(f"{name}, {arm}, {peer.name}: {first:.1e} at the first try")
                rows.append((name, arm, peer.name, differences))
        except Exception as error:
            faults.append(f"{name}: {type(error).__name__}: {error}")
    return rows, faults, again


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--only", default="")
    options.add_argument("--subjects", type=int, default=50)
    options = options.parse_args()
    shutil.rmtree(RUNS / "lived", ignore_errors=True)
    (RUNS / "lived").mkdir(parents=True)
    paths = sorted([*(ROOT / "scenarios").glob("*.toml"), *(ROOT / "scenarios/base").glob("*.toml")])
    # What follows the animal.
    paths.append(ROOT / "tests/peers/data/from-onset.toml")
    paths = [path for path in paths if options.only in path.stem]
    # Cohorts have no single trajectory.
    paths = [path for path in paths if "\n[cohort]" not in path.read_text("utf-8")]
    numbered = list(enumerate(draws(options.subjects), 1))
    with Pool(2) as pool:
        lives = pool.imap_unordered(scenario, paths)
        people = pool.imap_unordered(subjects, [(k, numbered[k::2]) for k in range(2) if numbered[k::2]])
        rows, faults = [], []
        for found, wrong, again in lives:
            rows += found
            faults += wrong
            for note in again:
                print(note, flush=True)
            for name, arm, peer, differences in found:
                worst = max(differences, key=differences.get)
                print(f"{name:30} {arm:22} {peer:14} {differences[worst]:.1e} ({worst})", flush=True)
        for found, wrong, again in people:
            rows += found
            faults += wrong
            for note in again:
                print(note, flush=True)
    rows.sort(key=lambda row: row[:3])
    (RUNS / "agreement.json").write_text(json.dumps(rows, indent=1))
    worst = {}
    for name, arm, peer, differences in rows:
        largest = max(differences.values())
        kind = "random subjects" if name.startswith("subject ") else "scenarios"
        worst[kind, peer] = max(worst.get((kind, peer), 0.0), largest)
        if not largest <= LIMIT:
            beyond = {k: f"{v:.1e}" for k, v in differences.items() if not v <= LIMIT}
            faults.append(f"{name}, {arm}, {peer}: beyond {LIMIT:.0e}: {beyond}")
    for (kind, peer), largest in sorted(worst.items()):
        count = len({row[:2] for row in rows if row[0].startswith("subject ") == (kind == "random subjects")})
        print(f"{kind}: {count} lives, {peer}: largest difference {largest:.1e}")
    expected = options.subjects * 3
    done = sum(row[0].startswith("subject ") for row in rows)
    if done != expected:
        faults.append(f"{done} of {expected} random lives were compared")
    if faults:
        sys.exit("\n".join(faults[:40]))


if __name__ == "__main__":
    main()
