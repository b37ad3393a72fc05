"""Lives of many animals, one for each arm of a scenario text, by the program's own sweep."""

import csv
import json
import os
import subprocess
import tempfile

BACKGROUNDS = ("mouse-g93a-b6sjl", "mouse-g93a-c57bl6")
NAMES = ("B6SJL", "C57BL/6")
# A sweep of one point: the arms are what differs.
ONE_POINT = '[sweep]\ndesign = "list"\n{features}  [[sweep.factor]]\n  target = "solver.rtol"\n  values = [{rtol:g}]\n'


class Program:
    """The program and the model folder that it reads."""

    def __init__(self, path, model):
        self.path, self.model = path, model

    def sweep(self, text):
        """The rows of a sweep's table, as dictionaries of texts."""
        with tempfile.TemporaryDirectory() as folder:
            scenario, output = os.path.join(folder, "lives.toml"), os.path.join(folder, "out")
            with open(scenario, "w", encoding="utf-8") as file:
                file.write(text)
            # Failed lives end the command with an exit code of their own; they stand in the table.
            subprocess.run(
                [self.path, "sweep", scenario, "--model", self.model, "-o", output, "--format", "csv", "--no-sync",
                 "--threads", "1", "--max-failures", "100%", "--allow-implausible", "-q"], check=False,
            )
            with open(os.path.join(output, "sweep.csv"), encoding="utf-8") as file:
                return list(csv.DictReader(file))

    def arms(self, preset, stop, arms, rtol=1e-6, every=10, features=()):
        """The rows of arms, by the name of the arm, up to an age of `stop` days."""
        asked = f"features = {json.dumps(features)}\n" if features else ""
        text = head(preset, stop, every) + arms + ONE_POINT.format(features=asked, rtol=rtol)
        return {row["arm"]: row for row in self.sweep(text)}


def head(preset, stop, every=10):
    return (
        f'schema = 1\n[subject]\npreset = "{preset}"\n'
        f'[simulation]\nstart = "21 d"\nstop = "{stop} d"\nevery = "{every} d"\n'
    )


def number(text):
    return float(text) if text else float("nan")


def life(row):
    """The last age: that of death, or the end of the simulation."""
    return number(row["last_d"])


def give(kind, dose, start="birth"):
    """An intervention from an age on."""
    return ("give", kind, dose, start)


def off(target):
    """A process or modulator off from birth."""
    return ("change", target, "off", None, "birth")


def scale(target, factor, start="birth"):
    return ("change", target, "scale", factor, start)


def hold(target, value, start="birth"):
    return ("change", target, "set", value, start)


def arm(name, changes=()):
    """An arm of a scenario text with what is done to it."""
    text = f'[[arm]]\nname = "{name}"\n'
    for change in changes:
        if change[0] == "give":
            _, kind, dose, start = change
            text += f'  [[arm.intervention]]\n  kind = "{kind}"\n  dose = "{dose}"\n  start = "{start}"\n'
        else:
            _, target, action, value, start = change
            text += f'  [[arm.perturbation]]\n  target = "{target}"\n  action = "{action}"\n  start = "{start}"\n'
            text += '  stop = "end"\n' if action != "off" else ""
            text += f"  value = {value}\n" if value is not None else ""
    return text


def signed(value):
    """One decimal with its sign; what rounds to zero has none."""
    text = f"{value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "−")
