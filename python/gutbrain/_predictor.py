"""Features as a function of parameters, for samplers, optimisers and sensitivity studies of others."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import _gutbrain
from ._errors import ScenarioError, SimulationError
from ._listening import Listener
from ._question import ask

if TYPE_CHECKING:
    from ._question import ScenarioLike


class Predictor:
    """A scenario compiled once: ``f(theta)`` gives its features at values of some of its parameters.

    ``parameters`` are ids of the model's parameters, ``features`` texts as in ``[sensitivity] outputs``:
    ``"life"``, ``"butyrate: onset"``, ``"difference life vs control"``,
    ``"control: observable zo1 at 60"``; one without an arm is asked of every arm, and without
    ``features`` the defaults of a sensitivity study are asked. One animal is simulated in every arm, also
    where the scenario has a cohort. ``set``, ``arm`` and ``model`` are those of :func:`gutbrain.run`.

    >>> f = gb.Predictor("butyrate-g93a", ["zo1_turnover", "il17_clearance"], ["difference life vs control"])
    >>> f(f.values)              # shape (features,)
    >>> f([[…], […]])            # shape (rows, features), simulated side by side
    >>> f.jacobian(f.values)     # shape (features, parameters), exact
    >>> from SALib.sample import saltelli; saltelli.sample(f.problem, 64)

    Values are in the units of ``parameter_units`` and ``feature_units``; ages are days. Results are arrays
    of NumPy where it is installed, lists otherwise. Pickles as its arguments, and compiles again.
    """

    def __init__(
        self,
        scenario: ScenarioLike,
        parameters: Iterable[str],
        features: Iterable[str] = (),
        *,
        set: Mapping[str, Any] | None = None,
        arm: str | Iterable[str] | None = None,
        model: str | os.PathLike[str] | None = None,
        threads: int | None = None,
    ) -> None:
        for name, texts in (("parameters", parameters), ("features", features)):
            if isinstance(texts, str):
                raise ScenarioError(f"{name}={texts!r} is one text\n  help: write [{texts!r}]")
        names = list(parameters)
        if not names:
            raise ScenarioError("a predictor needs at least one parameter")
        asked = ask(scenario, set=set, arm=arm, model=model)
        self._core = _gutbrain.Predictor(asked.core, names, list(features))
        self._threads = threads
        self._made = (scenario, names, list(features), set, arm, model, threads)

    @property
    def parameters(self) -> list[str]:
        """Ids of the parameters, in the order of ``theta``."""
        return self._core.parameters

    @property
    def parameter_units(self) -> list[str]:
        """Their units; ``1`` for pure numbers."""
        return self._core.parameter_units

    @property
    def features(self) -> list[str]:
        """What the features are, in the order of results."""
        return self._core.features

    @property
    def feature_units(self) -> list[str]:
        """Their units; empty for pure numbers."""
        return self._core.feature_units

    @property
    def values(self) -> Any:
        """The values of the parameters in the scenario, of the shape (parameters,)."""
        return _as_array(array("d", self._core.values), (len(self.parameters),))

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """The declared ranges of the parameters; ScenarioError if one has none."""
        bounds = []
        for name, known in zip(self.parameters, self._core.ranges, strict=True):
            if known is None:
                raise ScenarioError(f"the parameter `{name}` has no range in the model")
            bounds.append(known)
        return bounds

    @property
    def problem(self) -> dict[str, Any]:
        """The parameters as SALib describes a problem: even over their declared ranges."""
        bounds = [list(bound) for bound in self.bounds]
        return {"num_vars": len(bounds), "names": self.parameters, "bounds": bounds}

    def __call__(
        self, theta: Any, *, missing: str = "nan", progress: bool | None = False
    ) -> Any:
        """The features at one vector, of the shape (features,), or at each row of a matrix, (rows, features).

        A feature without a value (an endpoint that is not reached, a run that failed) is NaN, or with
        ``missing="raise"`` a :class:`SimulationError` that says why. Raises :class:`ScenarioError` for
        vectors of another length, and numbers that are not finite.
        """
        if missing not in ("nan", "raise"):
            raise ScenarioError(f"missing={missing!r} is neither 'nan' nor 'raise'")
        rows, is_one = _rows(theta)
        with Listener(progress) as listener:
            numbers, holes = self._core.evaluate(rows, self._threads, listener)
        if holes and missing == "raise":
            row, column, why = holes[0]
            raise SimulationError(f"row {row}: `{self.features[column]}` has no value: {why}")
        count = len(self.features)
        return _as_array(array("d", numbers), (count,) if is_one else (len(rows), count))

    def jacobian(self, theta: Any) -> Any:
        """The derivative of every feature by every parameter at a vector: (features, parameters).

        Exact: the whole simulation is run over dual numbers, with settling, windows and events; in units
        of the feature per unit of the parameter. Raises :class:`SimulationError` where a feature has no
        value.
        """
        return self.value_and_jacobian(theta)[1]

    def value_and_jacobian(self, theta: Any) -> tuple[Any, Any]:
        """The features, (features,), and their derivatives, (features, parameters), in one go."""
        rows, is_one = _rows(theta)
        if not is_one:
            raise ScenarioError("a Jacobian is that of one vector, not of several")
        with Listener(False) as listener:
            values, slopes = self._core.jacobian(rows[0], self._threads, listener)
        shape = (len(self.features), len(self.parameters))
        return _as_array(array("d", values), shape[:1]), _as_array(array("d", slopes), shape)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, self._made

    def __repr__(self) -> str:
        return f"<predictor of {len(self.features)} features by {len(self.parameters)} parameters>"


def _restore(
    scenario: ScenarioLike,
    parameters: list[str],
    features: list[str],
    set: Mapping[str, Any] | None,
    arm: str | Iterable[str] | None,
    model: str | os.PathLike[str] | None,
    threads: int | None,
) -> Predictor:
    return Predictor(
        scenario, parameters, features, set=set, arm=arm, model=model, threads=threads
    )


def _rows(theta: Any) -> tuple[list[list[float]], bool]:
    """The rows of a vector or matrix, and whether it was one vector."""
    if hasattr(theta, "to_numpy"):  # A data frame: one row a vector.
        theta = theta.to_numpy()
    plain = theta.tolist() if hasattr(theta, "tolist") else theta
    try:
        given = list(plain)
        is_one = not any(isinstance(part, (Sequence, Iterable)) for part in given)
        if is_one:
            return [[float(number) for number in given]], True
        return [[float(number) for number in row] for row in given], False
    except (TypeError, ValueError):
        raise ScenarioError(
            "theta is neither a vector of numbers, one for each parameter, nor a matrix with one such "
            "vector in each row"
        ) from None


def _as_array(numbers: array[float], shape: tuple[int, ...]) -> Any:
    try:
        import numpy
    except ImportError:
        if len(shape) == 1:
            return numbers.tolist()
        rows, columns = shape
        return [numbers[row * columns : (row + 1) * columns].tolist() for row in range(rows)]
    return numpy.array(numbers, dtype=numpy.float64).reshape(shape)
