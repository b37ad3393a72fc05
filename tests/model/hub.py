"""The hub test: every process and modulator off from birth, and every number halved and doubled in its range."""

import glob
import os
import tomllib

from lives import BACKGROUNDS, NAMES, arm, head, life, off, signed

HEALTHY = ("mouse-wt-b6sjl", "mouse-wt-c57bl6")
# Shares of life: what is listed, and what asks for a reason.
LISTED, LARGE = 0.1, 0.2


def read_entries(model):
    entries = {"process": {}, "modulator": {}, "parameter": {}}
    for path in sorted(glob.glob(os.path.join(model, "*.toml"))):
        with open(path, "rb") as file:
            document = tomllib.load(file)
        for kind, found in entries.items():
            found.update(document.get(kind, {}))
    return entries


def grounds(entry):
    """What an entry rests on."""
    rows = ", ".join(entry.get("evidence", []))
    return "; ".join(it for it in (rows, entry.get("assumed", "")) if it).replace("|", "\\|")


def switch_off(program, entries):
    """By process and modulator: for each background, days of life that it changes, status, untreated life."""
    names = [f"process.{name}" for name, entry in entries["process"].items() if entry.get("enabled", True)]
    names += [f"modulator.{name}" for name in entries["modulator"]]
    found = {}
    for preset in BACKGROUNDS:
        rows = program.arms(preset, 1500, arm("control") + "".join(arm(name, [off(name)]) for name in names))
        control = life(rows.pop("control"))
        for name, row in rows.items():
            found.setdefault(name, []).append((life(row) - control, row["status"], control))
    return found


def halve_and_double(program, entries):
    """By number and factor: the same, for every number with a range, inside its range."""
    found = {}
    numbers = {id: it for id, it in entries["parameter"].items() if "range" in it and it.get("role") != "group"}
    for preset, healthy in zip(BACKGROUNDS, HEALTHY):
        with open(os.path.join(program.model, "subjects", f"{healthy}.toml"), "rb") as file:
            own = tomllib.load(file).get("parameters", {})
        base = {id: own.get(id, it)["value"] for id, it in numbers.items() if it.get("prior") != "fixed"}
        points = [None]
        for id, value in base.items():
            low, high = numbers[id]["range"]
            for factor in (0.5, 2.0):
                moved = min(max(value * factor, low), high)
                if moved != value:
                    points.append((id, factor, moved))
        text = head(preset, 1500) + arm("control") + '[sweep]\ndesign = "list"\n'
        for id, value in base.items():
            unit = numbers[id]["unit"]
            write = (lambda v: f"{v:.12g}") if unit == "1" else (lambda v, u=unit: f'"{v:.12g} {u}"')
            values = [write(it[2] if it and it[0] == id else value) for it in points]
            text += f'  [[sweep.factor]]\n  target = "{id}"\n  values = [{", ".join(values)}]\n'
        rows = program.sweep(text)
        control = life(rows[0])
        for (id, factor, _), row in zip(points[1:], rows[1:]):
            by_preset = found.setdefault(f"{id} × {factor:g}", {})
            by_preset[preset] = (life(row) - control, row["status"], control)
    unmoved = (0.0, "ok", 1.0)
    return {name: [by_preset.get(it, unmoved) for it in BACKGROUNDS] for name, by_preset in found.items()}


def page(program):
    entries = read_entries(program.model)
    out = [
        "# The hub test\n",
        "Each process and modulator off from birth, and each number halved and doubled inside its range, on both "
        "backgrounds. Listed is what moves life by more than a tenth, with the larger share of life and what the "
        "entry rests on; in bold what moves it by more than a fifth. A loss that is switched off lets its pool run "
        "away: that such a switch is deadly says nothing of a hub.\n",
    ]
    for title, found in (
        ("Off from birth", switch_off(program, entries)),
        ("Halved or doubled inside its range", halve_and_double(program, entries)),
    ):
        share = {name: max(abs(days / life) for days, _, life in by) for name, by in found.items()}
        failed = sum(status != "ok" for by in found.values() for _, status, _ in by)
        large = sum(it > LARGE for it in share.values())
        out.append(f"## {title}\n")
        out.append(f"{len(found)} changes, {large} above 20 % of life, {failed} failed lives.\n")
        out.append("| change | " + ", d | ".join(NAMES) + ", d | share of life, % | rests on |\n|---|---|---|---|---|")
        for name in sorted(share, key=lambda it: -share[it]):
            if not share[name] <= LISTED:
                days = " | ".join(signed(it) for it, _, _ in found[name])
                kind, _, id = name.rpartition(".") if " × " not in name else ("parameter", "", name.split(" × ")[0])
                percent = f"{100 * share[name]:.1f}"
                percent = f"**{percent}**" if share[name] > LARGE else percent
                out.append(f"| `{name}` | {days} | {percent} | {grounds(entries[kind][id])} |")
        out.append("")
    return "\n".join(out).rstrip() + "\n"
