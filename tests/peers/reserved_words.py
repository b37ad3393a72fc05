"""Names that readers take for something else: every word is tried on the Antimony parser.

A model with a species called by every word of `crates/exchange/src/reserved_words.txt` (and a parameter, as far
as the program takes it for a name) is exported. The parser must take the text, and give back every species with its first
value and its rate. The other way round, every keyword, function and unit that the parser is known to have is asked for as
a name: those that it refuses must be in the file.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import antimony
import libsbml

from exported import GUTBRAIN, ROOT, gutbrain

WORDS = ROOT / "crates/exchange/src/reserved_words.txt"
UNITS = ["mm", "l_mm", "per_day", "mm_per_day"]
OWN = re.compile(r"`(\w+)` is a word of the rate language")
# Its own names are none that anybody asks for.
BARE = (
    "model bare_module()\n  compartment bare_room = 1;\n  species {0} in bare_room;\n  {0} = 2;\n"
    "  bare_loss: {0} => ; 0.5 * {0};\nend\n"
)


def reserved():
    lines = WORDS.read_text("utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


def model(folder, words):
    text = ['[compartment.blood]\nsays = "Blood"\nregion = "blood"\nassumed = "test"\n']
    for word in words:
        text.append(f'[species.{word}]\nsays = "It"\nwhere = "blood"\nunit = "mM"\ninitial = 2\nscale = 1\nassumed = "test"\n'
                    f'[process.losing_{word}]\nsays = "It goes."\nchanges = {{ {word} = -1 }}\n'
                    f'rate = "0.5 [1/day] * {word}"\nassumed = "test"\n')
    (folder / "subjects").mkdir(parents=True, exist_ok=True)
    (folder / "model.toml").write_text("".join(text), "utf-8")
    (folder / "subjects/one.toml").write_text('says = "One"\n', "utf-8")


def refused_by_us(folder, words):
    """Words of our own language, which no model can have as names."""
    model(folder, words)
    done = subprocess.run([GUTBRAIN, "model", "export", "--model", folder], capture_output=True, encoding="utf-8")
    return set(OWN.findall(done.stdout + done.stderr))


def main():
    words = reserved() + UNITS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "model"
        words = [word for word in words if word not in refused_by_us(folder, words)]
        model(folder, words)
        text = gutbrain("model", "export", "--format", "antimony", "--model", folder)
    antimony.clearPreviousLoads()
    if antimony.loadAntimonyString(text) < 0:
        sys.exit(f"antimony: {antimony.getLastError()}")
    back = libsbml.readSBMLFromString(antimony.getSBMLString(antimony.getMainModuleName())).getModel()
    for word in words:
        named = [it for it in (back.getSpecies(i) for i in range(back.getNumSpecies())) if it.getId().rstrip("_") == word.rstrip("_")]
        if len(named) != 1 or named[0].getInitialConcentration() != 2:
            sys.exit(f"antimony: the species {word} came back as {[it.getId() for it in named]}")
        rate = back.getReaction(f"process_losing_{word}").getKineticLaw().getFormula()
        if not re.search(rf"\b{named[0].getId()}\b", rate):
            sys.exit(f"antimony: the rate of {word} came back as {rate}")
    # What the parser refuses as a name, among all words that it could have.
    known = set(reserved())
    missing = []
    tried = set(Path(antimony.__file__).parent.rglob("*antimony*.so*"))
    candidates = {word.decode() for file in tried for word in re.findall(rb"\0([A-Za-z_]\w{0,17})(?=\0)", file.read_bytes())}
    candidates = {word for word in candidates if not word.startswith("_") and word.lower() == word} | known
    for word in sorted(candidates):
        antimony.clearPreviousLoads()
        if antimony.loadAntimonyString(BARE.format(word)) < 0 and word not in known:
            missing.append(word)
    if missing:
        sys.exit(f"antimony: refuses names that the list does not have: {missing}")
    print(f"antimony: {len(words)} names that some reader reserves; {len(candidates)} words asked for")


if __name__ == "__main__":
    main()
