"""The ceiling: random combinations of actions on the gut against all routes from gut to cord cut.

The combinations are of interventions on the gut and of changed gut processes, from the age of 38 days. The cut holds
every blood signal below rest, regulatory T cells at four pools (the most that any transfer reaches), and
nicotinamide, GABA and short-chain fatty acids where they can do most.
"""

import glob
import os
import random
import tomllib

from lives import BACKGROUNDS, NAMES, arm, give, hold, life, scale, signed

START = "38 d"
COMBINATIONS = 5000
# Arms that are compiled together.
TOGETHER = 250

DOSES = {
    "butyrate-water": ("%", 0.1, 8), "tributyrin": ("mmol/day", 0.02, 2), "butyrate-enema": ("mmol/day", 0.02, 2),
    "dietary-fibre": ("", 0.1, 5), "prebiotic-gos": ("mmol/day", 0.05, 6), "probiotic": ("CFU/day", 1e8, 1e11),
    "butyrate-producer-probiotic": ("CFU/day", 1e8, 1e11), "akkermansia": ("CFU/day", 1e8, 1e11),
    "antibiotics": ("1/day", 0.1, 40), "antibiotics-against-anaerobes": ("1/day", 0.1, 40),
    "faecal-transplant": ("", 0.1, 1), "mediterranean-diet": ("", 0.1, 1), "fibre-free-diet": ("", 0.1, 1),
    "anti-il17": ("mg/kg/week", 0.1, 20), "knock-out-tlr4": ("", 0.2, 1),
}
PATHWAYS = {"flora", "absorption", "barrier", "aggregates", "nfkb", "paneth", "motility", "immune", "treg_th17"}
# As `scenarios/ceiling.toml` has it.
CUT = [
    hold("species.il17_plasma", '"0.1 pg/ml"', START), hold("species.tnf_plasma", '"0.1 pg/ml"', START),
    hold("species.il6_plasma", '"0.1 pg/ml"', START), hold("species.il1b_plasma", '"0.1 pg/ml"', START),
    hold("species.lps_plasma", '"0.001 EU/ml"', START), hold("species.treg", "4.0", START),
    hold("species.bifidobacteria", '"400 g/l"', START), hold("species.acetate_colon", '"400 mM"', START),
    hold("species.guard_quality", "1.0", START), hold("parameter.nicotinamide_given", "1000.0", START),
]


def gut_targets(model):
    """Processes and modulators of the gut that only make, move or restrain, not those that end a pool."""
    found = []
    for path in sorted(glob.glob(os.path.join(model, "*.toml"))):
        with open(path, "rb") as file:
            document = tomllib.load(file)
        for kind in ("process", "modulator"):
            for name, entry in document.get(kind, {}).items():
                loses = kind == "process" and all(str(it).startswith("-") for it in entry["changes"].values())
                if entry.get("pathway") in PATHWAYS and not loses and entry.get("enabled", True):
                    found.append(f"{kind}.{name}")
    return found


def combination(name, targets, draw):
    """An arm, and what is done to it in words."""
    changes, says = [], []
    for kind in draw.sample(sorted(DOSES), draw.randint(0, 4)):
        unit, low, high = DOSES[kind]
        dose = low * (high / low) ** draw.random()
        says.append(f"{kind} {dose:.3g} {unit}".strip())
        changes.append(give(kind, f"{dose:.6g} {unit}", START))
    for target in draw.sample(targets, draw.randint(0, 4)):
        # A modulator is scaled by its distance from 1, which must not carry it below 0.
        factors = [0.0, 0.1, 0.3, 0.5, 2.0, 3.0, 10.0] if target.startswith("process") else [0.0, 0.3, 0.6, 1.2]
        factor = draw.choice(factors)
        says.append(f"{target} × {factor:g}")
        changes.append(scale(target, factor, START))
    return arm(name, changes), "; ".join(says)


def page(program):
    targets, draw = gut_targets(program.model), random.Random(1)
    drawn = [combination(f"c{index}", targets, draw) for index in range(COMBINATIONS)]
    fixed = arm("control") + arm("cut", CUT)
    out = [
        "# The ceiling of the axis\n",
        "Nothing that is done to the gut alone may give more than all routes from gut to cord cut together. The cut "
        "(`scenarios/ceiling.toml`) holds, from day 38 on, every blood signal below rest, regulatory T cells at four "
        "pools (the most that any transfer reaches), and nicotinamide, GABA, B vitamins and short-chain fatty acids "
        "where they can do most. Against it stand random combinations, from the same day on, of up to four "
        f"interventions on the gut (of {len(DOSES)}, at doses from their range and beyond) and up to four changed "
        f"processes or modulators of the gut (of {len(targets)}, from off to tenfold).\n",
        "| background | the cut, d | combinations | failed | best, d | worst, d | above the cut by a day |",
        "|---|---|---|---|---|---|---|",
    ]
    notes = []
    for preset, name in zip(BACKGROUNDS, NAMES):
        gains, failed = [], 0
        for begin in range(0, COMBINATIONS, TOGETHER):
            part = drawn[begin : begin + TOGETHER]
            rows = program.arms(preset, 800, fixed + "".join(text for text, _ in part), rtol=1e-5)
            control = life(rows["control"])
            cut = life(rows["cut"]) - control
            for index, (_, says) in enumerate(part, begin):
                row = rows[f"c{index}"]
                if row["status"] == "ok":
                    gains.append((life(row) - control, says))
                else:
                    failed += 1
        gains.sort(reverse=True)
        above = [it for it in gains if it[0] > cut + 1]
        out.append(
            f"| {name} | {signed(cut)} | {len(gains) + failed:,} | {failed} | {signed(gains[0][0])} | {signed(gains[-1][0])} | "
            f"{len(above)} |"
        )
        notes += [f"- {name}, {signed(gain)} d: {says}" for gain, says in gains[:3]]
    return "\n".join([*out, "\nThe best of each background:\n", *notes]) + "\n"
