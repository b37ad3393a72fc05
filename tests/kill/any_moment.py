#!/usr/bin/env python3
"""Ends the program by signals at random moments, and by a kill just after the new run stands in its place.

    tests/kill/any_moment.py [--program FILE] [--model FOLDER] [--signals N] [--after-swap N] [--seed N]

What is left and what the next start makes of it is looked at as in `every_call.py`. A signal that asks
(SIGINT, SIGTERM, SIGHUP) ends with 130 or as the system says, SIGKILL as it does; never with a panic, an
abort or a word of a fault.
"""

import argparse
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

from every_call import CASES, COHORT, ROOT, Case, Place, hidden, results

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGHUP]
# How a command ends that such a signal reached, and how one that was done before it.
ENDS = {0, 3, 130, -signal.SIGINT, -signal.SIGTERM, -signal.SIGKILL, -signal.SIGHUP}
SWAPPED = [Case("cohort-over-old", "run s.toml -o o --seed 2", ["run s.toml -o o"], extra=COHORT)]


def judge(place, folder, ended):
    """What is wrong with a folder in which the command was ended."""
    case, wrong = place.case, []
    if ended not in ENDS:
        wrong.append(f"ended with {ended}")
    if case.changes_input and place.call("check d.toml", folder).returncode != 0:
        wrong.append("the model cannot be read")
    if results(folder / case.folder) not in (place.old, place.new):
        wrong.append("neither the old run nor the new one")
    following = place.call(case.after, folder)
    if following.returncode != place.after_code:
        wrong.append(f"the next start ends with {following.returncode}: {following.stderr.strip()[:300]}")
    ends = [place.final, place.new] if case.changes_input else [place.final]
    if results(folder / case.folder) not in ends:
        wrong.append("other bytes in the end")
    if hidden(folder):
        wrong.append(f"hidden: {hidden(folder)}")
    return wrong


def started(place, folder):
    return subprocess.Popen(place.line(place.case.command), cwd=folder, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


def at_a_random_moment(place, chance):
    """One signal; whether it came before the end, and what is wrong."""
    folder = place.copy("ended")
    begin = time.monotonic()
    process = started(place, folder)
    time.sleep(chance.uniform(0.0, place.seconds))
    alive = process.poll() is None
    process.send_signal(chance.choice(SIGNALS))
    ended = process.wait()
    place.seconds = max(place.seconds, 0.9 * (time.monotonic() - begin)) if not alive else place.seconds
    return alive, judge(place, folder, ended)


def after_the_swap(place):
    """A kill as soon as another folder has the name; whether it came before the end, and what is wrong."""
    folder = place.copy("ended")
    target = folder / place.case.folder
    inode = os.stat(target).st_ino
    process = started(place, folder)
    while process.poll() is None:
        try:
            if os.stat(target).st_ino != inode:
                process.kill()
                break
        except FileNotFoundError:
            pass
    ended = process.wait()
    return ended == -signal.SIGKILL, judge(place, folder, ended)


def rounds(what, cases, number, arguments, act):
    """So many that reached the program, over the cases in turn; how many there were, and faults."""
    reached = faults = 0
    for place_in_turn, case in enumerate(cases):
        share = number // len(cases) + (place_in_turn < number % len(cases))
        with tempfile.TemporaryDirectory() as root:
            begin = time.monotonic()
            place = Place(case, arguments, pathlib.Path(root))
            # `Place` runs the command about twice.
            place.seconds = 0.4 * (time.monotonic() - begin)
            done = tries = 0
            while done < share and tries < 20 * share:
                tries += 1
                alive, wrong = act(place)
                done += alive
                for fault in wrong:
                    faults += 1
                    print(f"{case.name}: {what}: {fault}", flush=True)
            reached += done
    print(f"{what}: {reached}, {faults} faults", flush=True)
    return reached, faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=ROOT / "target/release/gutbrain", type=pathlib.Path)
    parser.add_argument("--model", default=str(ROOT / "tests/fixtures/model"))
    parser.add_argument("--signals", type=int, default=500)
    parser.add_argument("--after-swap", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.program = str(arguments.program.resolve())
    chance = random.Random(arguments.seed)
    signals = rounds("signals at random moments", CASES, arguments.signals, arguments,
                     lambda place: at_a_random_moment(place, chance))
    kills = rounds("kills after the swap", SWAPPED, arguments.after_swap, arguments, after_the_swap)
    complete = signals[0] >= arguments.signals and kills[0] >= arguments.after_swap
    if not complete:
        print("too few reached the program before its end")
    sys.exit(1 if signals[1] or kills[1] or not complete else 0)


if __name__ == "__main__":
    main()
