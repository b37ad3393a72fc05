"""The other formats, read by the programs they are meant for.

Antimony text goes through the `antimony` package and gives the same SBML values and the same curves; the
COMBINE archive is opened by libCombine, its SED-ML by libSEDML; of an SBML file that went through COPASI
`gutbrain model import-check` says nothing but which formulas COPASI wrote in another way, and with one
parameter and one rate edited there, exactly these are named beside them.
"""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import antimony
import COPASI
import libcombine
import libsbml
import libsedml
import numpy

from exported import GUTBRAIN, ROOT, Export, RoadRunner, check, export, gutbrain

SCENARIO = ROOT / "scenarios/short-course.toml"


def first_arm():
    """An arm in which something is done and undone."""
    arms = tomllib.loads(SCENARIO.read_text("utf-8"))["arm"]
    return next(arm["name"] for arm in arms if "intervention" in arm)


def through_antimony(folder, arm, direct):
    text = folder / "model.ant"
    gutbrain("model", "export", "--format", "antimony", "--scenario", SCENARIO, "--arm", arm, "-o", text,
             "--set", "solver.rtol=1e-11")
    antimony.clearPreviousLoads()
    if antimony.loadAntimonyString(text.read_text("utf-8")) < 0:
        sys.exit(f"antimony: {antimony.getLastError()}")
    name = antimony.getMainModuleName()
    back = folder / "from-antimony.xml"
    back.write_text(antimony.getSBMLString(name), "utf-8")
    ours, theirs = Export(direct), Export(back)
    # The package writes 15 digits.
    close = lambda a, b: b is not None and (a == b or abs(a - b) <= 1e-14 * abs(a))  # noqa: E731
    before, after = {**ours.parameters, **ours.species}, {**theirs.parameters, **theirs.species}
    lost = sorted(k for k, v in before.items() if not close(v, after.get(k)) and not k.startswith("turn_"))
    if lost:
        sys.exit(f"antimony: values differ: {lost}")
    names = ours.names
    a = RoadRunner(ours).simulate(200, 200, names)
    b = RoadRunner(theirs).simulate(200, 200, names)
    worst = max(float(numpy.max(abs(a[n] - b[n]) / (abs(a[n]) + 1e-3 * max(abs(a[n]).max(), 1e-12)))) for n in names)
    print(f"antimony: {len(ours.species)} species, {len(ours.parameters)} parameters; curves differ by {worst:.1e}")
    if not worst <= 1e-6:
        sys.exit("antimony: the curves differ")


def archive(folder):
    path = folder / "experiment.omex"
    gutbrain("model", "export", "--format", "omex", "--scenario", SCENARIO, "-o", path)
    reader = libcombine.CombineArchive()
    if not reader.initializeFromArchive(str(path)):
        sys.exit("libCombine cannot open the archive")
    locations = [reader.getEntry(i).getLocation() for i in range(reader.getNumEntries())]
    master = reader.getMasterFile().getLocation()
    text = reader.extractEntryToString(master)
    document = libsedml.readSedMLFromString(text)
    errors = [document.getError(i).getMessage() for i in range(document.getNumErrors())]
    if errors:
        sys.exit(f"libSEDML: {errors}")
    sources = [document.getModel(i).getSource() for i in range(document.getNumModels())]
    for source in sources:
        found = [place for place in locations if place.endswith(source)]
        if not found:
            sys.exit(f"the archive has no {source}: {locations}")
        file = folder / source
        file.write_text(reader.extractEntryToString(found[0]), "utf-8")
        if wrong := check(file):
            sys.exit(f"{source}: {wrong[:3]}")
    # Every target of a data generator is in its model.
    documents = {source: libsbml.readSBMLFromFile(str(folder / source)) for source in sources}
    for i in range(document.getNumDataGenerators()):
        generator = document.getDataGenerator(i)
        for k in range(generator.getNumVariables()):
            variable = generator.getVariable(k)
            task = document.getTask(variable.getTaskReference())
            source = document.getModel(task.getModelReference()).getSource()
            name = variable.getTarget().split("'")[1]
            if documents[source].getModel().getElementBySId(name) is None:
                sys.exit(f"{source} has no {name}")
    print(f"archive: {len(locations)} entries, {document.getNumTasks()} tasks, {document.getNumOutputs()} outputs, "
          f"{document.getNumDataGenerators()} data generators")


def import_check(file, arm):
    words = [GUTBRAIN, "model", "import-check", file, "--scenario", SCENARIO, "--arm", arm, "--set", "solver.rtol=1e-11"]
    done = subprocess.run(words, capture_output=True, encoding="utf-8")
    return done.returncode, done.stdout + done.stderr


REWRITTEN = "is written in another way (the same at 20 points that were tried"


def changes(said):
    """What is said to be changed, without the line of what is harmless and formulas that COPASI wrote anew:
    of these the program says that they came out the same wherever it tried, which proves nothing.
    """
    harmless = ("harmless:", "nothing was changed")
    return [line for line in said.splitlines() if not line.startswith(harmless) and REWRITTEN not in line]


def through_copasi(folder, arm, direct):
    data = COPASI.CRootContainer.addDatamodel()
    data.importSBML(str(direct))
    back = folder / "from-copasi.xml"
    data.exportSBML(str(back), True, 3, 1)
    code, said = import_check(back, arm)
    if code not in (0, 1) or changes(said) or (code == 1) != (REWRITTEN in said):
        sys.exit(f"COPASI's export is said to differ (exit {code}):\n{said[:3000]}")
    model = data.getModel()
    for i in range(model.getNumModelValues()):
        if model.getModelValue(i).getSBMLId() == "benefit_half":
            model.getModelValue(i).setInitialValue(1.25)
    data.exportSBML(str(back), True, 3, 1)
    code, said = import_check(back, arm)
    if code != 1 or "benefit_half: parameter:" not in said or len(changes(said)) != 1:
        sys.exit(f"one parameter was edited, exit {code}:\n{said[:3000]}")
    print("COPASI: came back unchanged, and with one parameter edited:", changes(said))
    edited = libsbml.readSBMLFromFile(str(direct))
    law = edited.getModel().getReaction("process_butyrate_leaves_ileum").getKineticLaw()
    law.setMath(libsbml.parseL3Formula(f"2 * ({libsbml.formulaToL3String(law.getMath())})"))
    libsbml.writeSBMLToFile(edited, str(back))
    code, said = import_check(back, arm)
    if code != 1 or "process_butyrate_leaves_ileum: rate:" not in said or len(changes(said)) != 1:
        sys.exit(f"one rate was edited, exit {code}:\n{said[:3000]}")
    print("libSBML: with one rate doubled:", changes(said))
    back.write_text("<sbml><model/>", "utf-8")
    code, said = import_check(back, arm)
    if code != 2:
        sys.exit(f"a damaged file gave exit {code}: {said}")


def main():
    arm = first_arm()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        direct = export(SCENARIO, arm, folder / "direct.xml")
        through_antimony(folder, arm, direct)
        archive(folder)
        through_copasi(folder, arm, direct)


if __name__ == "__main__":
    main()
