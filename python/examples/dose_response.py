"""How much life does each dose of butyrate give, and how sure is the model about it?

    python examples/dose_response.py [FOLDER]

prints a table and writes a figure of the program into the folder (the working one without).
"""

from __future__ import annotations

import sys
from pathlib import Path

import gutbrain as gb

DOSES = ["0.5 %", "1 %", "2 %", "4 %"]


def main(folder: Path) -> None:
    base = gb.scenario("butyrate-g93a", name="doses", title="Four doses of butyrate in the water")
    for dose in DOSES:
        base = base.arm(dose, gb.intervention("butyrate-water", dose=dose, start="38 d"))
    results = base.figure("endpoints").run()

    deaths = dict(zip(results.endpoints["arm"], results.endpoints["death_d"], strict=True))
    for dose in DOSES:
        print(f"{dose:>6}: {deaths[dose] - deaths['control']:5.1f} d of life gained")
    print(f"written: {results.plot('endpoints').save(folder / 'doses.svg').name}")

    # Exact derivatives: what a change of one percent of a parameter does to that gain.
    unknown = ["ileum_butyrate_supply", "zo1_butyrate_gain", "treg_butyrate_gain"]
    gain = gb.Predictor("butyrate-g93a", unknown, ["difference life vs control"])
    slopes = gain.jacobian(gain.values)
    for name, value, slope in zip(gain.parameters, gain.values, slopes[0], strict=True):
        print(f"{name}: {0.01 * value * slope:+.3f} d per percent")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path())
