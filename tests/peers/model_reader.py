"""Reads the model files a second time, independently of the Rust reader.

Everything is translated to one Python function per purpose: units are exact fractions, conversion
factors are inserted where units of one dimension meet, `resting(x)` is a stored value.
"""

import ast
import math
import re
import tomllib
from fractions import Fraction
from pathlib import Path

BASES = ("s", "m", "kg", "mol", "EU", "CFU")


def unit(factor=1, **powers):
    return Fraction(factor), tuple(Fraction(powers.get(base, 0)) for base in BASES)


ONE = unit()
DAY = unit(86400, s=1)
NAMES = {
    "1": ONE, "%": unit(Fraction(1, 100)), "fold": ONE, "cells": ONE,
    "day": DAY, "d": DAY, "h": unit(3600, s=1), "week": unit(604800, s=1),
    "kg": unit(1, kg=1), "g": unit(Fraction(1, 10**3), kg=1), "mg": unit(Fraction(1, 10**6), kg=1),
    "pg": unit(Fraction(1, 10**15), kg=1),
    "l": unit(Fraction(1, 10**3), m=3), "ml": unit(Fraction(1, 10**6), m=3),
    "mol": unit(1, mol=1), "mmol": unit(Fraction(1, 10**3), mol=1),
    "mM": unit(1, mol=1, m=-3), "µM": unit(Fraction(1, 10**3), mol=1, m=-3),
    "EU": unit(1, EU=1), "CFU": unit(1, CFU=1),
}


def times(a, b):
    return a[0] * b[0], tuple(x + y for x, y in zip(a[1], b[1]))


def power(a, exponent):
    exponent = Fraction(exponent)
    if exponent.denominator != 1:
        assert a[0] == 1, "a fractional power of a scaled unit"
        return Fraction(1), tuple(x * exponent for x in a[1])
    return a[0] ** exponent.numerator, tuple(x * exponent for x in a[1])


def parse_unit(text):
    if text == "% w/v":
        return unit(10, kg=1, m=-3)
    result, sign = ONE, 1
    for token in re.findall(r"[/*]|[^/*\s]+", text):
        if token in "/*":
            sign = 1 if token == "*" else -1
        else:
            result = times(result, power(NAMES[token], sign))
    return result


def parse_quantity(text, target):
    """A number with a unit, converted to the unit `target`."""
    if isinstance(text, (int, float)):
        return float(text)
    number, _, written = text.partition(" ")
    given = parse_unit(written.strip() or "1")
    if target == parse_unit("% w/v") and written.strip() == "%":
        given = target
    assert given[1] == target[1], text
    return float(number) * float(given[0] / target[0])


def hill(x, half, exponent):
    if x <= 0:
        return 0.0
    ratio = (x / half) ** exponent
    return ratio / (1 + ratio)


def hill_down(x, half, exponent):
    return 1 - hill(x, half, exponent)


class Model:
    """The network of `model/`, ready to be evaluated."""

    def __init__(self, folder):
        self.entries = {}
        for file in sorted(Path(folder).glob("*.toml")):
            for kind, entries in tomllib.loads(file.read_text(encoding="utf-8")).items():
                self.entries.setdefault(kind, {}).update(entries)
        self.folder = Path(folder)
        self.species = sorted(self.entries["species"])
        self.parameters = sorted(self.entries["parameter"])
        self.units = {
            name: parse_unit(entry["unit"])
            for kind in ("species", "parameter", "assignment", "observable")
            for name, entry in self.entries[kind].items()
        }
        self._compile()

    def subject(self, name):
        """Parameter values in which a subject differs from the declared ones."""
        entry = tomllib.loads((self.folder / "subjects" / f"{name}.toml").read_text(encoding="utf-8"))
        values = self.subject(entry["extends"]) if "extends" in entry else {}
        for parameter, given in entry.get("parameters", {}).items():
            values[parameter] = parse_quantity(given["value"], self.units[parameter])
        return values

    def values(self, overrides):
        values = {name: float(self.entries["parameter"][name]["value"]) for name in self.parameters}
        values.update(overrides)
        return values

    # ---- translation -------------------------------------------------------------------------

    def _convert(self, code, given, wanted, place):
        if code in ("0.0",):
            return code
        assert given[1] == wanted[1], f"{place}: {given} is not {wanted}"
        factor = given[0] / wanted[0]
        return code if factor == 1 else f"({float(factor)!r} * {code})"

    def _translate(self, text, place):
        return self._node(ast.parse(text.strip().replace("^", "**"), mode="eval").body, place)

    def _node(self, node, place):
        if isinstance(node, ast.Constant):
            return repr(float(node.value)), ONE
        if isinstance(node, ast.Name):
            return f"v[{node.id!r}]", self.units[node.id]
        if isinstance(node, ast.UnaryOp):
            code, measure = self._node(node.operand, place)
            return f"(-{code})", measure
        if isinstance(node, ast.BinOp):
            left, left_unit = self._node(node.left, place)
            right, right_unit = self._node(node.right, place)
            if isinstance(node.op, ast.Pow):
                if isinstance(node.right, ast.Constant):
                    return f"({left} ** {right})", power(left_unit, Fraction(node.right.value))
                left = self._convert(left, left_unit, ONE, place)
                return f"({left} ** {self._convert(right, right_unit, ONE, place)})", ONE
            if isinstance(node.op, ast.Mult):
                return f"({left} * {right})", times(left_unit, right_unit)
            if isinstance(node.op, ast.Div):
                return f"({left} / {right})", times(left_unit, power(right_unit, -1))
            sign = "+" if isinstance(node.op, ast.Add) else "-"
            return f"({left} {sign} {self._convert(right, right_unit, left_unit, place)})", left_unit
        assert isinstance(node, ast.Call), place
        function = node.func.id
        if function == "resting":
            name = node.args[0].id
            return f"rest({name!r})", self.units[name]
        if function in ("hill", "hill_down"):
            (x, x_unit), (half, half_unit), (exponent, _) = [self._node(a, place) for a in node.args]
            return f"{function}({self._convert(x, x_unit, half_unit, place)}, {half}, {exponent})", ONE
        if function == "positive":
            code, measure = self._node(node.args[0], place)
            return f"max(0.0, {code})", measure
        if function == "sqrt":
            code, measure = self._node(node.args[0], place)
            return f"({code} ** 0.5)", power(measure, Fraction(1, 2))
        if function in ("min", "max"):
            (left, left_unit), (right, right_unit) = [self._node(a, place) for a in node.args]
            if left == "0.0":
                left_unit = right_unit
            return f"{function}({left}, {self._convert(right, right_unit, left_unit, place)})", left_unit
        assert function == "ln", f"{place}: {function}"
        code, measure = self._node(node.args[0], place)
        return f"log({self._convert(code, measure, ONE, place)})", ONE

    def _ordered_assignments(self):
        assignments, order = self.entries["assignment"], []

        def visit(name):
            if name in order:
                return
            for used in sorted(set(re.findall(r"[a-z_][a-z_0-9]*", assignments[name]["value"]))):
                if used in assignments and used != name:
                    visit(used)
            order.append(name)

        for name in sorted(assignments):
            visit(name)
        return order

    def _compile(self):
        lines = []
        for name in self._ordered_assignments():
            code, measure = self._translate(self.entries["assignment"][name]["value"], name)
            lines.append(f"v[{name!r}] = {self._convert(code, measure, self.units[name], name)}")
        factors = {}
        for name, entry in sorted(self.entries["modulator"].items()):
            code, measure = self._translate(entry["factor"], name)
            for target in entry["acts_on"]:
                factors.setdefault(target, []).append(self._convert(code, measure, ONE, name))
        terms = {name: [] for name in self.species}
        for name, entry in sorted(self.entries["process"].items()):
            if not entry.get("enabled", True):
                continue
            code, measure = self._translate(entry["rate"], name)
            for factor in factors.get(f"process.{name}", []):
                code = f"({code} * {factor})"
            lines.append(f"rate_{name} = {code}")
            for species, coefficient in entry["changes"].items():
                by, by_unit = self._translate(str(coefficient), name)
                wanted = times(self.units[species], power(DAY, -1))
                flux = self._convert(f"({by} * rate_{name})", times(measure, by_unit), wanted, name)
                terms[species].append(flux)
        flows = ", ".join(" + ".join(terms[name]) or "0.0" for name in self.species)
        body = "\n    ".join(lines)
        source = f"def derivative(v, rest):\n    {body}\n    return [{flows}]\n"
        scope = {"hill": hill, "hill_down": hill_down, "log": math.log}
        exec(compile(source, "<model>", "exec"), scope)  # noqa: S102: our own model files
        self._derivative = scope["derivative"]

    # ---- evaluation --------------------------------------------------------------------------

    def derivative(self, state, values, resting=None):
        """Derivatives per day; with `resting=None` the state itself is the resting one."""
        v = dict(values)
        v.update(zip(self.species, state))
        rest = v.__getitem__ if resting is None else resting.__getitem__
        return self._derivative(v, rest)

    def resting_values(self, state, values):
        """Every species and assignment at rest."""
        v = dict(values)
        v.update(zip(self.species, state))
        self._derivative(v, v.__getitem__)
        return v

    def intervention(self, kind, dose, values):
        """What a dose does: (action, name, value) for parameters and species."""
        entry = self.entries["intervention"][kind]
        amount = parse_quantity(dose, parse_unit(entry["dose"]["unit"]))
        self.units["dose"] = parse_unit(entry["dose"]["unit"])
        done = []

        def evaluate(text, target):
            code, measure = self._translate(text, kind)
            code = self._convert(code, measure, target, kind)
            scope = {"v": values | {"dose": amount}, "rest": lambda name: values["resting"][name]}
            return eval(code, scope)  # noqa: S307: our own model files

        for action in ("sets", "scales", "adds"):
            for name, text in entry.get(action, {}).items():
                done.append((action, name, evaluate(text, ONE if action == "scales" else self.units[name])))
        for action, changes in entry.get("impulse", {}).items():
            for name, text in changes.items():
                target = ONE if action == "scales" else self.units[name]
                done.append((f"impulse {action}", name, evaluate(text, target)))
        return done
