"""The gut-brain axis of amyotrophic lateral sclerosis as an executable model.

>>> import gutbrain as gb
>>> results = gb.run("butyrate-g93a", set={"arm.butyrate.dose": "1 %"})
>>> results.endpoints["death_d"].to_list()          # ages in days from birth
>>> results.trajectories.to_pandas()                # or .to_polars(), .to_pyarrow(), .to_xarray()
>>> results.plot("axis").save("axis.svg")
>>> results.save("outputs/butyrate-g93a")           # the bytes that the command line writes

Scenarios are shipped ones by name (:func:`scenarios` lists them), paths, TOML texts, dictionaries, or
what :func:`scenario` builds. One function for each command of the program; what is wrong with a question
is a :class:`ScenarioError` with the program's own message. It is a model of mice, and no medical advice.
"""

from __future__ import annotations

from ._builder import Scenario, intervention, perturbation, scenario
from ._commands import cite, plot, report
from ._errors import (
    Fault,
    GutbrainError,
    ResultWarning,
    ScenarioError,
    SimulationError,
    StorageError,
)
from ._gutbrain import VERSION as __version__
from ._model import Model, model
from ._predictor import Predictor
from ._question import check, scenarios
from ._results import Counts, Figure, Results, read
from ._studies import (
    attribute,
    biomarkers,
    calibrate,
    merge,
    run,
    sensitivity,
    sweep,
    trial,
    validate,
)
from ._tables import Column, Table

__all__ = [
    "Column",
    "Counts",
    "Fault",
    "Figure",
    "GutbrainError",
    "Model",
    "Predictor",
    "ResultWarning",
    "Results",
    "Scenario",
    "ScenarioError",
    "SimulationError",
    "StorageError",
    "Table",
    "__version__",
    "attribute",
    "biomarkers",
    "calibrate",
    "check",
    "cite",
    "intervention",
    "merge",
    "model",
    "perturbation",
    "plot",
    "read",
    "report",
    "run",
    "scenario",
    "scenarios",
    "sensitivity",
    "sweep",
    "trial",
    "validate",
]
