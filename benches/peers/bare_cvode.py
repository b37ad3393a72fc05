"""Bare CVODE: SUNDIALS compiled for this machine, driving an export's equations generated as C.

The generated C is what a careful hand would write for one model: what depends on parameters alone is computed once
per life, every rule once per call, whole powers are products, the Jacobian is exact and sparse, and I - gamma J is
eliminated by straight lines in an order of little fill. bare_cvode.c lives the animals with it.

Understood is what our exports hold: + - * / ^, ln, exp, the functions hill and hill_down, compartments of size one,
switches (age >= number, assigning numbers) and thresholds (observable < limit and age < X_age, assigning X_age = age).
"""

import ctypes
import json
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import libsbml
import numpy

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/peers"))
from exported import RUNS  # noqa: E402

HERE = Path(__file__).resolve().parent
SUNDIALS = RUNS / "sundials"
# Sums may be reordered, so that they go in vectors.
OPTIMISED = ("-O3", "-march=native", "-fassociative-math", "-fno-signed-zeros", "-fno-trapping-math", "-fno-math-errno")
# The crate that carries SUNDIALS' source.
CRATE, CRATE_VERSION = "sundials-sys", "0.6.2"


def built():
    """SUNDIALS in a folder of its own: CVODE alone, static, nothing checked or logged."""
    if (SUNDIALS / "lib/libsundials_cvode.a").exists():
        return SUNDIALS
    carrier = RUNS / "sundials-source"
    (carrier / "src").mkdir(parents=True, exist_ok=True)
    (carrier / "src/lib.rs").write_text("")
    (carrier / "Cargo.toml").write_text(
        '[package]\nname = "sundials-source"\nversion = "0.0.0"\nedition = "2021"\n\n[workspace]\n\n'
        f'[dependencies]\n{CRATE} = {{ version = "={CRATE_VERSION}", default-features = false }}\n'
    )
    told = subprocess.run(["cargo", "metadata", "--quiet", "--format-version", "1"], cwd=carrier, check=True, capture_output=True, encoding="utf-8")
    package = next(it for it in json.loads(told.stdout)["packages"] if it["name"] == CRATE)
    source, folder = Path(package["manifest_path"]).parent / "vendor", RUNS / "sundials-build"
    shutil.rmtree(folder, ignore_errors=True)
    off = ("BUILD_ARKODE", "BUILD_CVODES", "BUILD_IDA", "BUILD_IDAS", "BUILD_KINSOL", "BUILD_SHARED_LIBS", "EXAMPLES_ENABLE_C",
           "EXAMPLES_INSTALL", "SUNDIALS_ENABLE_ERROR_CHECKS", "SUNDIALS_BUILD_WITH_PROFILING", "SUNDIALS_BUILD_WITH_MONITORING")
    options = {
        "CMAKE_BUILD_TYPE": "Release", "CMAKE_C_FLAGS_RELEASE": " ".join((*OPTIMISED, "-DNDEBUG")), "CMAKE_INSTALL_PREFIX": SUNDIALS,
        "CMAKE_INSTALL_LIBDIR": "lib", "CMAKE_POSITION_INDEPENDENT_CODE": "ON", "SUNDIALS_INDEX_SIZE": 32, "SUNDIALS_LOGGING_LEVEL": 0,
        **dict.fromkeys(off, "OFF"),
    }
    cmake = Path(sys.executable).parent / "cmake"
    for words in ([cmake, "-S", source, "-B", folder, *(f"-D{name}={value}" for name, value in options.items())],
                  [cmake, "--build", folder, "--target", "install"]):
        done = subprocess.run([str(it) for it in words], capture_output=True, encoding="utf-8")
        if done.returncode:
            raise RuntimeError(f"SUNDIALS: {done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return SUNDIALS


def version():
    text = (built() / "include/sundials/sundials_config.h").read_text("utf-8")
    return re.search(r'#define SUNDIALS_VERSION "([^"]+)"', text).group(1)


# Expressions are tuples, equal ones being one: ("number", v), ("parameter", i), ("species", i),
# ("sum", constant, ((coefficient, term), ...)), ("product", coefficient, factors, divisors), ("power", base, whole),
# ("log" | "exp" | "sqrt" | "positive" | "step", argument), ("once", expression). Constants and coefficients depend on
# parameters alone, everything else of a sum or product does not; "positive" is max(0, x) and "step" its derivative.
# "once" keeps an expression whole, so that all who use it share it.


def number(value):
    return ("number", float(value))


ZERO, ONE = number(0), number(1)
_fixed = {}


def fixed(node):
    """Whether parameters alone decide it."""
    if node not in _fixed:
        kind = node[0]
        if kind == "sum":
            found = not node[2] or all(fixed(term) for _, term in node[2])
        elif kind == "product":
            found = all(map(fixed, (*node[2], *node[3])))
        elif kind in ("number", "parameter", "species"):
            found = kind != "species"
        else:
            found = fixed(node[1])
        _fixed[node] = found
    return _fixed[node]


def split(term):
    """Coefficient and rest."""
    if fixed(term):
        return term, ONE
    if term[0] == "product" and term[1] != ONE:
        _, coefficient, ups, downs = term
        return coefficient, ups[0] if len(ups) == 1 and not downs else ("product", ONE, ups, downs)
    return ONE, term


def total(terms):
    """The sum; like terms are collected."""
    found, pending = {}, [split(term) for term in terms]
    while pending:
        coefficient, rest = pending.pop(0)
        if rest[0] == "sum" and coefficient == ONE:
            pending[:0] = [(rest[1], ONE), *rest[2]]
        elif coefficient != ZERO:
            found.setdefault(rest, []).append(coefficient)
    constant = fixed_total(found.pop(ONE, []))
    collected = [(fixed_total(them), rest) for rest, them in found.items()]
    collected = tuple((it, rest) for it, rest in collected if it != ZERO)
    if not collected:
        return constant
    if len(collected) == 1 and constant == ZERO:
        return product(collected[0])
    return ("sum", constant, collected)


def fixed_total(terms):
    """The sum of what depends on parameters alone."""
    value, rest = 0.0, []
    for term in terms:
        if term[0] == "number":
            value += term[1]
        else:
            rest.append(term)
    if not rest:
        return number(value)
    if len(rest) == 1 and value == 0:
        return rest[0]
    return ("sum", number(value), tuple((ONE, it) for it in rest))


def product(factors, divisors=()):
    """The quotient of two products; what depends on parameters alone becomes its coefficient."""
    value, own, ups, downs = 1.0, ([], []), [], []
    pending = [(it, True) for it in factors] + [(it, False) for it in divisors]
    while pending:
        node, above = pending.pop(0)
        if node[0] == "number":
            value = value * node[1] if above else value / node[1]
        elif node[0] == "product":
            _, coefficient, numerators, denominators = node
            pending[:0] = [(coefficient, above), *((it, above) for it in numerators), *((it, not above) for it in denominators)]
        elif fixed(node):
            own[not above].append(node)
        else:
            (ups if above else downs).append(node)
    if value == 0:
        return ZERO
    for node in [it for it in downs if it in ups]:
        ups.remove(node)
        downs.remove(node)
    coefficient = ("product", number(value), tuple(sorted(own[0])), tuple(sorted(own[1]))) if own[0] or own[1] else number(value)
    if coefficient[0] == "product" and value == 1 and len(own[0]) == 1 and not own[1]:
        coefficient = own[0][0]
    if not ups and not downs:
        return coefficient
    if coefficient == ONE and len(ups) == 1 and not downs:
        return ups[0]
    return ("product", coefficient, tuple(sorted(ups)), tuple(sorted(downs)))


def once(node):
    """Kept whole, if there is anything to keep."""
    return node if fixed(node) or node[0] in ("species", "once") else ("once", node)


def power(base, exponent):
    """Of a positive base, unless the exponent is whole."""
    if exponent[0] == "number" and exponent[1].is_integer():
        whole = int(exponent[1])
        if whole < 0:
            return product([], [power(base, number(-whole))])
        return (ONE, base)[whole] if whole < 2 else ("power", once(base), whole)
    if exponent == number(0.5):
        return once(("sqrt", base))
    return once(("exp", product([exponent, logarithm(base)])))


def logarithm(node):
    """Of powers and products of powers it is their exponents."""
    bare = node[1] if node[0] == "once" else node
    if bare[0] == "exp":
        return bare[1]
    if bare[0] == "product" and bare[1] == ONE and all(it[0] == "once" and it[1][0] == "exp" for it in (*bare[2], *bare[3])):
        return total([*(logarithm(it) for it in bare[2]), *(product([number(-1), logarithm(it)]) for it in bare[3])])
    return once(("log", node))


def hill(ratio, exponent, down=False):
    """The exports' functions hill and hill_down; no ratio below zero counts."""
    raised = once(power(once(("positive", once(ratio))), exponent))
    return once(product([ONE if down else raised], [total([ONE, raised])]))


def gradient(node, known):
    """The derivatives that are not zero: {species: expression}."""
    if fixed(node):
        return {}
    if node in known:
        return known[node]
    kind, parts = node[0], {}

    def add(outer, inner):
        inner = gradient(inner, known)
        outer = once(outer) if len(inner) > 1 else outer
        for place, slope in inner.items():
            parts.setdefault(place, []).append(product([outer, slope]))

    if kind == "species":
        parts[node[1]] = [ONE]
    elif kind == "sum":
        for coefficient, term in node[2]:
            add(coefficient, term)
    elif kind == "product":
        _, coefficient, ups, downs = node
        for i, factor in enumerate(ups):
            add(product([coefficient, *ups[:i], *ups[i + 1 :]], downs), factor)
        for factor in downs:
            add(product([number(-1), coefficient, *ups], [*downs, factor]), factor)
    elif kind == "power":
        add(product([number(node[2]), power(node[1], number(node[2] - 1))]), node[1])
    elif kind == "log":
        add(product([], [node[1]]), node[1])
    elif kind == "exp":
        add(once(node), node[1])
    elif kind == "sqrt":
        add(product([number(0.5)], [once(node)]), node[1])
    elif kind == "positive":
        add(("step", node[1]), node[1])
    else:
        add(ONE, node[1])
    found = {place: total(them) for place, them in parts.items()}
    if kind == "once":
        found = {place: once(it) for place, it in found.items()}
    known[node] = {place: it for place, it in found.items() if it != ZERO}
    return known[node]


class Writer:
    """Straight lines of C: what depends on parameters alone goes to `hoisted`, shared by all functions."""

    def __init__(self):
        self.hoisted, self.places = [], {}

    def fixed(self, node):
        """A number, or the place where it is hoisted to."""
        if node[0] == "number":
            return repr(node[1])
        if node not in self.places:
            self.places[node] = len(self.places)
            self.hoisted.append(self.plain(node))
        return f"q[{self.places[node]}]"

    def plain(self, node):
        """An expression of parameters, as it stands."""
        kind = node[0]
        if kind == "number":
            return repr(node[1])
        if kind == "parameter":
            return f"p[{node[1]}]"
        if kind == "sum":
            return "(" + " + ".join([self.plain(node[1]), *(f"{self.plain(a)} * {self.plain(it)}" for a, it in node[2])]) + ")"
        if kind == "product":
            text = " * ".join([self.plain(node[1]), *map(self.plain, node[2])])
            return f"({text} / ({' * '.join(map(self.plain, node[3]))}))" if node[3] else f"({text})"
        if kind == "power":
            return f"pow({self.plain(node[1])}, {node[2]})"
        if kind == "once":
            return self.plain(node[1])
        return f"{kind}({self.plain(node[1])})"

    def function(self, head, results):
        """One function; `results` are pairs of target and expression."""
        self.lines, self.known, self.divisors = [], {}, {}
        seen = set()
        for _, node in results:
            self.count(node, seen)
        ends = [f"  {target} = {self.varying(node)};" for target, node in results]
        return "\n".join([f"static void {head} {{", *self.lines, *ends, "}\n"])

    def count(self, node, seen):
        """How often each divisor is divided by: its reciprocal is worth having from two times on."""
        if node in seen or fixed(node):
            return
        seen.add(node)
        if node[0] == "product":
            for it in node[3]:
                self.divisors[it] = self.divisors.get(it, 0) + 1
        if node[0] == "sum":
            inner = [it for _, it in node[2]]
        elif node[0] == "product":
            inner = [*node[2], *node[3]]
        else:
            inner = [] if node[0] == "species" else [node[1]]
        for it in inner:
            self.count(it, seen)

    def name(self, key, text):
        """The variable that holds it."""
        if key not in self.known:
            self.known[key] = f"v{len(self.known)}"
            self.lines.append(f"  const double {self.known[key]} = {text()};")
        return self.known[key]

    def varying(self, node):
        """The name of anything."""
        kind = node[0]
        if fixed(node):
            return self.fixed(node)
        if kind == "species":
            return f"y[{node[1]}]"
        if kind == "once":
            return self.varying(node[1])
        return self.name(node, lambda: getattr(self, kind, self.call)(node))

    def sum(self, node):
        text = "" if node[1] == ZERO else self.fixed(node[1])
        for coefficient, term in node[2]:
            sign, coefficient = self.signed(coefficient)
            inner = self.varying(term) if coefficient == ONE else f"{self.fixed(coefficient)} * {self.varying(term)}"
            text = f"{text} {sign} {inner}" if text else (inner if sign == "+" else f"-{inner}")
        return text

    @staticmethod
    def signed(coefficient):
        """Sign and size: what is taken away is hoisted like what is added."""
        if coefficient[0] == "number" and coefficient[1] < 0:
            return "-", number(-coefficient[1])
        if coefficient[0] == "product" and coefficient[1][1] < 0:
            return "-", product([number(-1), coefficient])
        return "+", coefficient

    def product(self, node):
        sign, coefficient = self.signed(node[1])
        factors = [] if coefficient == ONE else [self.fixed(coefficient)]
        factors += map(self.varying, node[2])
        divisors = []
        for it in node[3]:
            if self.divisors[it] > 1:
                factors.append(self.name(("reciprocal", it), lambda it=it: f"1.0 / {self.varying(it)}"))
            else:
                divisors.append(self.varying(it))
        text = " * ".join(factors or ["1.0"])
        if divisors:
            text = f"{text} / {divisors[0]}" if len(divisors) == 1 else f"{text} / ({' * '.join(divisors)})"
        return text if sign == "+" else f"-({text})"

    def power(self, node):
        base, whole = self.varying(node[1]), node[2]
        if whole == 2:
            return f"{base} * {base}"
        half = self.varying(("power", node[1], whole // 2)) if whole > 3 else base
        return f"{half} * {half}" if whole % 2 == 0 else f"{half} * {half} * {base}"

    def call(self, node):
        return f"{node[0]}({self.varying(node[1])})"


class Equations:
    """A file's equations as expressions."""

    def __init__(self, path):
        document = libsbml.readSBMLFromFile(path)
        model = document.getModel()
        if any(model.getCompartment(i).getSize() != 1 for i in range(model.getNumCompartments())):
            raise ValueError("a compartment is not of size one")
        self.species = [model.getSpecies(i).getId() for i in range(model.getNumSpecies())]
        rules = {model.getRule(i).getVariable(): model.getRule(i).getMath() for i in range(model.getNumRules())}
        self.start = rules.pop("age").getChild(0).getValue()
        events = [model.getEvent(i) for i in range(model.getNumEvents())]
        assigned = [[it.getEventAssignment(k) for k in range(it.getNumEventAssignments())] for it in events]
        triggers = [it.getTrigger().getMath() for it in events]
        at_age = [it.getType() == libsbml.AST_RELATIONAL_GEQ for it in triggers]
        self.ages = [them[0].getVariable() for them, timed in zip(assigned, at_age) if not timed]
        apart = {*rules, *self.ages, "age"}
        self.parameters = [it for it in (model.getParameter(i).getId() for i in range(model.getNumParameters())) if it not in apart]
        self.rules = rules
        self.values = {name: ("species", i) for i, name in enumerate(self.species)}
        self.values.update((name, ("parameter", i)) for i, name in enumerate(self.parameters))
        self.values.update((model.getCompartment(i).getId(), ONE) for i in range(model.getNumCompartments()))
        self.switches = sorted(
            (trigger.getChild(1).getValue() - self.start, [(it.getVariable(), self.read(it.getMath())[1]) for it in them])
            for trigger, them, timed in zip(triggers, assigned, at_age) if timed
        )
        terms = [[] for _ in self.species]
        for i in range(model.getNumReactions()):
            reaction = model.getReaction(i)
            rate = self.read(reaction.getKineticLaw().getMath())
            for sign, count, get in ((-1, reaction.getNumReactants(), reaction.getReactant), (1, reaction.getNumProducts(), reaction.getProduct)):
                for k in range(count):
                    end = get(k)
                    terms[self.values[end.getSpecies()][1]].append(product([number(sign * end.getStoichiometry()), rate]))
        self.rates = [total(them) for them in terms]
        self.thresholds = [self.read(it.getChild(0).getChild(0)) for it, timed in zip(triggers, at_age) if not timed]
        known = {}
        self.jacobian = [gradient(rate, known) for rate in self.rates]

    def read(self, math):
        """MathML as an expression."""
        kind, inner = math.getType(), [math.getChild(i) for i in range(math.getNumChildren())]
        if kind == libsbml.AST_NAME:
            name = math.getName()
            if name not in self.values:
                if name not in self.rules:
                    raise ValueError(f"an equation that depends on {name} is not understood")
                self.values[name] = once(self.read(self.rules[name]))
            return self.values[name]
        if math.isNumber():
            return number(math.getValue())
        inner = [self.read(it) for it in inner]
        if kind == libsbml.AST_PLUS:
            return total(inner)
        if kind == libsbml.AST_MINUS:
            return total([*inner[:-1], product([number(-1), inner[-1]])])
        if kind == libsbml.AST_TIMES:
            return product(inner)
        if kind == libsbml.AST_DIVIDE:
            return product([inner[0]], [inner[1]])
        if kind in (libsbml.AST_POWER, libsbml.AST_FUNCTION_POWER):
            return power(*inner)
        if kind == libsbml.AST_FUNCTION_LN:
            return logarithm(*inner)
        if kind == libsbml.AST_FUNCTION_EXP:
            return once(("exp", *inner))
        if kind == libsbml.AST_FUNCTION and math.getName() in ("hill", "hill_down"):
            return hill(*inner, down=math.getName() == "hill_down")
        raise ValueError(f"{libsbml.formulaToL3String(math)} is not understood")


def elimination(pattern):
    """C of the elimination of I - gamma J without exchange of rows, and of the solution; and how many factors it keeps.

    The next pivot is always the one that can fill least (Markowitz, on the diagonal).
    """
    size = len(pattern)
    left, order, working = set(range(size)), [], [set(them) | {i} for i, them in enumerate(pattern)]
    while left:
        columns = {j: [i for i in left if j in working[i]] for j in left}
        pivot = min(left, key=lambda i: ((len(working[i] & left) - 1) * (len(columns[i]) - 1), i))
        left.remove(pivot)
        order.append(pivot)
        for i in columns[pivot]:
            if i != pivot:
                working[i] |= working[pivot] & left
    rank = {it: k for k, it in enumerate(order)}
    entry = {(i, j): k for k, (i, j) in enumerate((i, j) for i in range(size) for j in sorted(pattern[i]))}
    lines, places, forward, backward = [], {}, [], []

    def kept(text):
        places[text] = len(places)
        return places[text]

    upper = {}
    for i in order:
        row = sorted(working[i], key=rank.get)
        below = [j for j in row if rank[j] < rank[i]]
        for j in row:
            start = (f"{'1.0' if i == j else ''} - gamma * j[{entry[i, j]}]" if (i, j) in entry else "1.0" if i == j else "0.0").strip()
            takes = [f"l{i}_{k} * u{k}_{j}" for k in below if rank[k] < rank[j] and j in upper[k]]
            text = " - ".join([start, *takes])
            lines.append(f"  const double l{i}_{j} = ({text}) * d{j};" if rank[j] < rank[i] else f"  const double u{i}_{j} = {text};")
        lines.append(f"  const double d{i} = 1.0 / u{i}_{i};")
        upper[i] = [j for j in row if rank[j] > rank[i]]
        for j in below:
            forward.append((i, j, kept(f"l{i}_{j}")))
    solved = []
    for i in order:
        takes = [f"f[{k}] * x{j}" for it, j, k in forward if it == i]
        solved.append(f"  const double x{i} = {' - '.join([f'b[{i}]', *takes])};")
    for i in reversed(order):
        # What is known longest comes first.
        takes = [f"f[{kept(f'u{i}_{j} * d{i}')}] * z{j}" for j in reversed(upper[i])]
        scaled = f"x{i} * f[{kept(f'd{i}')}]"
        solved.append(f"  const double z{i} = {' - '.join([scaled, *takes])};")
    lines += [f"  f[{k}] = {text};" for text, k in places.items()]
    solved += [f"  x[{i}] = z{i};" for i in range(size)]
    return "\n".join([
        "static void model_factor(const double *restrict j, double gamma, double *restrict f) {", *lines, "}\n",
        "static void model_solve(const double *restrict f, const double *restrict b, double *restrict x) {", *solved, "}\n",
    ]), len(places)


def generated(equations):
    """The header that bare_cvode.c includes."""
    writer = Writer()
    state = "const double *restrict y, const double *restrict q, double *restrict"
    rows, columns = zip(*((i, j) for i in range(len(equations.species)) for j in sorted(equations.jacobian[i])))
    entries = [equations.jacobian[i][j] for i, j in zip(rows, columns)]
    functions = [
        writer.function(f"model_rates({state} r)", [(f"r[{i}]", it) for i, it in enumerate(equations.rates)]),
        writer.function(f"model_jacobian({state} j)", [(f"j[{k}]", it) for k, it in enumerate(entries)]),
        writer.function(f"model_thresholds({state} g)", [(f"g[{k}]", it) for k, it in enumerate(equations.thresholds)]),
    ]
    hoisted = [f"  q[{k}] = {text};" for k, text in enumerate(writer.hoisted)]
    eliminated, factors = elimination([set(it) for it in equations.jacobian])
    switches = []
    for k, (_, assigned) in enumerate(equations.switches):
        places = [(equations.values[name], value) for name, value in assigned]
        switches.append(f"  if (which == {k}) {{ " + " ".join(f"{'p' if it[0] == 'parameter' else 'y'}[{it[1]}] = {value!r};" for it, value in places) + " }")
    sizes = {
        "SPECIES": len(equations.species), "PARAMETERS": len(equations.parameters), "HOISTED": len(hoisted), "ENTRIES": len(entries),
        "FACTORS": factors, "THRESHOLDS": len(equations.thresholds), "SWITCHES": len(equations.switches), "START": equations.start,
    }
    times = ", ".join(repr(time) for time, _ in equations.switches) or "0"
    return "\n".join([
        *(f"#define {name} {value}" for name, value in sizes.items()),
        f"static const double switch_times[] = {{{times}}};",
        *(f"static const int entry_{name}[] = {{{', '.join(map(str, them))}}};" for name, them in (("rows", rows), ("columns", columns))),
        "",
        "static inline double positive(double x) { return x > 0 ? x : 0; }",
        "static inline double step(double x) { return x > 0 ? 1 : 0; }\n",
        "static void model_hoist(const double *restrict p, double *restrict q) {", *hoisted, "}\n",
        "static void model_switch(int which, double *p, double *y) {", *switches, "}\n",
        *functions, eliminated,
    ])


class BareCvode:
    """One compiled model; lives any animals of its structure in one call.

    Its linear systems are eliminated by the generated straight lines or, if `dense`, by SUNDIALS' own dense solver.
    """

    def __init__(self, export, dense=False):
        self.equations = Equations(export.path)
        sundials, folder = built(), RUNS / ("bare-cvode-dense" if dense else "bare-cvode")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.h").write_text(generated(self.equations), "utf-8")
        archives = [sundials / f"lib/libsundials_{name}.a" for name in ("cvode", "sunlinsoldense", "sunmatrixdense", "nvecserial", "core")]
        words = ["cc", *OPTIMISED, *(["-DDENSE"] if dense else []), "-fPIC", "-shared", "-I", folder, "-I", sundials / "include", HERE / "bare_cvode.c", *archives,
                 "-lm", "-o", folder / "model.so"]
        subprocess.run([str(it) for it in words], check=True)
        self.library = ctypes.CDLL(str(folder / "model.so"))

    def values(self, exports):
        """Parameters and starts, one row for each animal."""
        parameters = [[export.parameters[name] for name in self.equations.parameters] for export in exports]
        return numpy.array(parameters), numpy.array([[export.species[name] for name in self.equations.species] for export in exports])

    def live(self, parameters, starts, relative, absolute, duration, days=False):
        """Species (animal, whole day or the end alone, species), ages at which thresholds were met, and what CVODE said of each animal.

        Below zero it gave up. The duration is in days.
        """
        count, species = starts.shape
        states = numpy.full((count, math.floor(duration) + 1 if days else 1, species), math.nan)
        ages, flags = numpy.full((count, len(self.equations.ages)), math.inf), numpy.zeros(count, dtype=numpy.int32)
        at = [ctypes.c_void_p(it.ctypes.data) for it in (parameters, starts, states, ages, flags)]
        numbers = [ctypes.c_double(it) for it in (relative, absolute, duration)]
        if self.library.live(count, *at[:2], *numbers, int(days), *at[2:]):
            raise RuntimeError("CVODE could not be set up")
        return states, ages, flags
