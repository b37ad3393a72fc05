"""COPASI, and COPASI in a process of its own.

What COPASI computes depends in its last digits on where its objects lie in memory, which depends on what the
process did before; in rare cases it then steps badly (docs/exchange.md). Run as a program, this file serves one
model through pipes, from memory that nobody has used:

    python tests/peers/copasi_model.py < requests > answers

each request a pickled (method, arguments), each answer a pickled (whether it worked, result or words).
"""

import os
import pickle
import subprocess
import sys
from types import SimpleNamespace

import COPASI
import numpy

# What is compared is computed this tightly on all sides.
RELATIVE, ABSOLUTE = 1e-10, 1e-13


class Copasi:
    name = "COPASI"

    def __init__(self, export):
        self.export = export
        self.data = COPASI.CRootContainer.addDatamodel()
        if not self.data.importSBML(export.path):
            raise RuntimeError(COPASI.CCopasiMessage.getAllMessageText())
        self.model = self.data.getModel()
        method = self.data.getTask("Time-Course").getMethod()
        method.getParameter("Relative Tolerance").setDblValue(RELATIVE)
        method.getParameter("Absolute Tolerance").setDblValue(ABSOLUTE)
        method.getParameter("Max Internal Steps").setIntValue(10_000_000)

    def give(self, export):
        for i in range(self.model.getNumMetabs()):
            it = self.model.getMetabolite(i)
            it.setInitialConcentration(export.species[it.getSBMLId()])
        for i in range(self.model.getNumModelValues()):
            it = self.model.getModelValue(i)
            if it.getSBMLId() in export.parameters:
                it.setInitialValue(export.parameters[it.getSBMLId()])
        self.model.updateInitialValues(COPASI.CCore.Framework_Concentration)

    def simulate(self, duration, steps, names):
        task = self.data.getTask("Time-Course")
        problem = task.getProblem()
        problem.setDuration(duration)
        problem.setStepNumber(steps)
        problem.setTimeSeriesRequested(True)
        if not task.process(True):
            raise RuntimeError(COPASI.CCopasiMessage.getAllMessageText())
        series = task.getTimeSeries()
        place = {series.getSBMLId(i, self.data): i for i in range(series.getNumVariables())}
        return {
            name: numpy.array([series.getConcentrationData(k, place[name]) for k in range(steps + 1)])
            for name in names
        }

    def close(self):
        COPASI.CRootContainer.removeDatamodel(self.data)


class CopasiAlone:
    """The same in a process of its own."""

    name = Copasi.name

    def __init__(self, export):
        self.process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._ask("open", _plain(export))

    def give(self, export):
        self._ask("give", _plain(export))

    def simulate(self, duration, steps, names):
        return self._ask("simulate", duration, steps, names)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def _ask(self, *request):
        pickle.dump(request, self.process.stdin)
        self.process.stdin.flush()
        worked, answer = pickle.load(self.process.stdout)
        if not worked:
            raise RuntimeError(answer)
        return answer


def _plain(export):
    return {"path": export.path, "species": dict(export.species), "parameters": dict(export.parameters)}


def serve():
    # COPASI may print: not among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    model = None
    while True:
        try:
            method, *arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            if method == "open":
                model, answer = Copasi(SimpleNamespace(**arguments[0])), None
            elif method == "give":
                answer = model.give(SimpleNamespace(**arguments[0]))
            else:
                answer = model.simulate(*arguments)
            pickle.dump((True, answer), answers)
        except Exception as error:  # whoever asked is told
            pickle.dump((False, f"{type(error).__name__}: {error}"), answers)
        answers.flush()


if __name__ == "__main__":
    serve()
