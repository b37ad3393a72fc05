"""Dose curves: life of treated animals over the plausible range of each intervention and ten times beyond."""

from lives import BACKGROUNDS, NAMES, arm, give, life, signed

CURVES = {
    "butyrate-water": ("%", "38 d", (0.25, 0.5, 1, 1.5, 2, 2.5, 3, 4, 6, 8, 10, 20, 50)),
    "tributyrin": ("mmol/day", "38 d", (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 4)),
    "butyrate-enema": ("mmol/day", "38 d", (0.05, 0.1, 0.3, 1, 3)),
    "dietary-fibre": ("", "38 d", (0.25, 0.5, 1, 2, 4, 10)),
    "fibre-free-diet": ("", "38 d", (0.25, 0.5, 0.8, 0.95, 1)),
    "mediterranean-diet": ("", "38 d", (0.25, 0.5, 1)),
    "prebiotic-gos": ("mmol/day", "38 d", (0.1, 0.3, 1, 2, 4, 10, 30)),
    "probiotic": ("CFU/day", "38 d", (1e9, 1e10, 1e11, 1e12)),
    "butyrate-producer-probiotic": ("CFU/day", "38 d", (1e9, 1e10, 1e11, 1e12)),
    "akkermansia": ("CFU/day", "38 d", (1e9, 1e10, 1e11, 1e12)),
    "torques": ("CFU/day", "38 d", (1e9, 1e10, 1e11, 1e12)),
    "antibiotics": ("1/day", "42 d", (0.3, 1, 2, 3, 4, 6, 8, 10, 15, 20, 50, 200)),
    "antibiotics-against-anaerobes": ("1/day", "42 d", (1, 3, 10, 30, 100)),
    "antibiotics-against-enterobacteria": ("1/day", "42 d", (1, 3, 10, 30, 100)),
    "nicotinamide": ("", "42 d", (0.5, 1, 3, 10, 30, 100)),
    "treg-transfer": ("1/day", "38 d", (0.05, 0.2, 0.5, 1, 3, 10)),
    "riluzole": ("mg/kg/day", "60 d", (3, 10, 22, 60, 200)),
    "edaravone": ("mg/kg/day", "60 d", (5, 15, 50, 150)),
    "anti-il17": ("mg/kg/week", "60 d", (0.3, 1, 10, 100)),
    "il1-blockade": ("mg/kg/day", "60 d", (3, 10, 100, 1000)),
    "nlrp3-inhibitor": ("mg/kg/day", "60 d", (1, 3, 10, 100)),
    "calorie-restriction": ("", "40 d", (0.1, 0.2, 0.3, 0.4, 0.5)),
    "lps-injection": ("mg/kg", "60 d", (0.01, 0.03, 0.1, 0.5, 2, 10)),
    "sod1-lowering": ("", "60 d", (0.1, 0.2, 0.3, 0.5, 0.75)),
    "wild-type-marrow": ("", "5 d", (0.25, 0.5, 1)),
}


def turns(gains):
    """How often a curve changes its direction by more than a day."""
    found, extreme, direction = 0, 0.0, 0
    for gain in gains:
        if abs(gain - extreme) > 1 and (gain > extreme) != (direction > 0):
            found += direction != 0
            direction = 1 if gain > extreme else -1
        if (gain - extreme) * direction > 0:
            extreme = gain
    return found


def page(program):
    arms = arm("control") + "".join(
        arm(f"{kind} {dose:g}", [give(kind, f"{dose:.6g} {unit}", start)])
        for kind, (unit, start, doses) in CURVES.items()
        for dose in doses
    )
    lives = [program.arms(preset, 1000, arms) for preset in BACKGROUNDS]
    out = [
        "# Dose curves\n",
        "Days of life against an untreated animal, over the plausible range of each intervention and ten times "
        "beyond. A curve turns where it changes its direction by more than a day: every response must be bounded, and "
        "turn at most once.\n",
    ]
    for kind, (unit, start, doses) in CURVES.items():
        out.append(f"## {kind}{', ' + unit if unit else ''}, from {start}\n")
        out.append("| | " + " | ".join(f"{dose:g}" for dose in doses) + " | turns |")
        out.append("|---" * (len(doses) + 2) + "|")
        for name, rows in zip(NAMES, lives):
            gains = [life(rows[f"{kind} {dose:g}"]) - life(rows["control"]) for dose in doses]
            out.append(f"| {name} | " + " | ".join(signed(gain) for gain in gains) + f" | {turns(gains)} |")
        out.append("")
    return "\n".join(out).rstrip() + "\n"
