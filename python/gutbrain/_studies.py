"""Studies that are done in this process: the interpreter's lock is free while they last."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import _gutbrain
from ._commands import calibration_in_folder, study_in_folder
from ._errors import ScenarioError
from ._listening import Listener
from ._question import ask
from ._results import Results, read

if TYPE_CHECKING:
    from ._question import ScenarioLike


def run(
    scenario: ScenarioLike,
    *,
    set: Mapping[str, Any] | None = None,
    arm: str | Iterable[str] | None = None,
    seed: int | None = None,
    model: str | os.PathLike[str] | None = None,
    variant: str | None = None,
    format: str = "parquet",
    threads: int | None = None,
    progress: bool | None = None,
) -> Results:
    """Simulates every arm of a scenario, one animal or a cohort; ``gutbrain run``.

    ``scenario`` is a shipped name, a path that ends with ``.toml``, a TOML text, a dictionary, or what
    :func:`gutbrain.scenario` builds. ``set`` changes values by their dotted names, as ``--set`` does:
    ``{"arm.butyrate.dose": "1 %", "zo1_turnover": "0.5 1/day"}``; numbers are in the unit of the model.
    ``arm`` keeps only these arms, ``seed`` wins over the scenario's, ``model`` is the folder of a model
    in the place of the built-in one, or ``human``, ``variant`` another choice of the model where no evidence
    decides (``gutbrain model list variants``), ``format`` (``parquet`` or ``csv``) that of large tables in
    :meth:`Results.save`, ``threads`` how many threads work (one for each processor), ``progress`` whether
    a bar of tqdm shows how far it is (``None``: where somebody looks).

    The same input gives the same bytes, on any number of threads. Raises :class:`ScenarioError` before
    anything is run; a run that fails is a row with a status and a reason, and no number.
    ``KeyboardInterrupt`` ends it between two blocks of animals.
    """
    asked = ask(scenario, set=set, arm=arm, seed=seed, model=model, variant=variant)
    with Listener(progress) as listener:
        core, counts = _gutbrain.run(asked.core, format, threads, listener)
    return _finish(core, counts, listener)


def trial(
    scenario: ScenarioLike,
    *,
    set: Mapping[str, Any] | None = None,
    arm: str | Iterable[str] | None = None,
    seed: int | None = None,
    model: str | os.PathLike[str] | None = None,
    variant: str | None = None,
    format: str = "parquet",
    threads: int | None = None,
    progress: bool | None = None,
) -> Results:
    """Repeats the whole experiment of two arms many times: power, false positives; ``gutbrain trial``.

    The tables are ``trial`` (one row per design, size and quantity), ``experiments`` and ``pool``. The
    arguments are those of :func:`gutbrain.run`; ``set={"trial.pool": 200}`` makes it small.
    """
    asked = ask(scenario, set=set, arm=arm, seed=seed, model=model, variant=variant)
    with Listener(progress) as listener:
        core, counts = _gutbrain.trial(asked.core, format, threads, listener)
    return _finish(core, counts, listener)


def sweep(
    scenario: ScenarioLike,
    *,
    set: Mapping[str, Any] | None = None,
    arm: str | Iterable[str] | None = None,
    seed: int | None = None,
    model: str | os.PathLike[str] | None = None,
    variant: str | None = None,
    format: str = "parquet",
    threads: int | None = None,
    progress: bool | None = None,
    shard: tuple[int, int] | None = None,
    output: str | os.PathLike[str] | None = None,
    resume: bool = False,
) -> Results:
    """Runs a scenario at many points of its ``[sweep]``; ``gutbrain sweep``.

    The table ``sweep`` has one row per point and arm. ``shard=(1, 8)`` runs the first of eight parts, which
    :func:`gutbrain.merge` joins. A long sweep works in a folder: with ``output`` every finished block is kept
    there, and ``resume`` goes on with a sweep that was stopped (as the command does, in a process of its
    own). The other arguments are those of :func:`gutbrain.run`.
    """
    asked = ask(scenario, set=set, arm=arm, seed=seed, model=model, variant=variant)
    part = None if shard is None else f"{shard[0]}/{shard[1]}"
    if output is not None:
        options: dict[str, str | int | None] = {
            "format": _format(format),
            "threads": threads,
            "shard": part,
        }
        return study_in_folder("sweep", asked, options, output, resume, progress)
    _refuse(resume)
    with Listener(progress) as listener:
        core, counts = _gutbrain.sweep(asked.core, format, part, threads, listener)
    return _finish(core, counts, listener)


def merge(
    *parts: Results | str | os.PathLike[str],
    format: str = "parquet",
    model: str | os.PathLike[str] | None = None,
) -> Results:
    """Joins the shards of a sweep, results or folders of results; ``gutbrain merge``.

    What comes out is that of the whole sweep, byte for byte. Raises :class:`ScenarioError` where points are
    in no shard or in two, or a shard is one of another sweep.
    """
    cores = [(part if isinstance(part, Results) else read(part))._core for part in parts]
    chosen = None if model is None else os.fspath(model)
    with Listener(False) as listener:
        core, counts = _gutbrain.merge(cores, format, chosen, listener)
    return _finish(core, counts, listener)


def sensitivity(
    scenario: ScenarioLike,
    *,
    set: Mapping[str, Any] | None = None,
    arm: str | Iterable[str] | None = None,
    seed: int | None = None,
    model: str | os.PathLike[str] | None = None,
    variant: str | None = None,
    format: str = "parquet",
    threads: int | None = None,
    progress: bool | None = None,
    output: str | os.PathLike[str] | None = None,
    resume: bool = False,
) -> Results:
    """Finds out which unknowns an answer depends on; ``gutbrain sensitivity``.

    ``[sensitivity]`` of the scenario says how (Sobol, Morris, PRCC, local) and of what. The table
    ``sensitivity`` has one row per output, parameter and index, with 95 % intervals where there are some.
    ``output`` and ``resume`` are those of :func:`gutbrain.sweep`.
    """
    asked = ask(scenario, set=set, arm=arm, seed=seed, model=model, variant=variant)
    if output is not None:
        options: dict[str, str | int | None] = {"format": _format(format), "threads": threads}
        return study_in_folder("sensitivity", asked, options, output, resume, progress)
    _refuse(resume)
    with Listener(progress) as listener:
        core, counts = _gutbrain.sensitivity(asked.core, format, threads, listener)
    return _finish(core, counts, listener)


def attribute(
    scenario: ScenarioLike,
    *,
    feature: str = "death",
    carrier: Sequence[str] = (),
    vectors: int = 40,
    set: Mapping[str, Any] | None = None,
    arm: str | Iterable[str] | None = None,
    seed: int | None = None,
    model: str | os.PathLike[str] | None = None,
    variant: str | None = None,
    threads: int | None = None,
    progress: bool | None = None,
) -> Results:
    """Splits the difference between two arms over the pathways that carry it; ``gutbrain attribute``.

    ``feature`` is what is compared, ``carrier`` names pathways that are not split over, ``vectors`` is how
    many vectors of the posterior give intervals (0: none). The table is ``attribution``.
    """
    asked = ask(scenario, set=set, arm=arm, seed=seed, model=model, variant=variant)
    with Listener(progress) as listener:
        core, counts = _gutbrain.attribute(
            asked.core, feature, list(carrier), _count(vectors, "vectors"), threads, listener
        )
    return _finish(core, counts, listener)


def biomarkers(
    scenario: ScenarioLike,
    *,
    event: str | None = None,
    window: str | None = None,
    set: Mapping[str, Any] | None = None,
    arm: str | Iterable[str] | None = None,
    seed: int | None = None,
    model: str | os.PathLike[str] | None = None,
    variant: str | None = None,
    threads: int | None = None,
    progress: bool | None = None,
) -> Results:
    """Finds out which measured quantity tells those who will fall ill; ``gutbrain biomarkers``.

    The scenario has a cohort with visits and two arms, of which the first stays healthy. ``event`` is what
    cases come to (the first sign of disease), ``window`` the length of the windows of time before it, as
    ``"6 month"`` (the shortest time between visits). The tables are ``biomarkers`` and ``cross_section``; the
    other arguments are those of :func:`gutbrain.run`.
    """
    asked = ask(scenario, set=set, arm=arm, seed=seed, model=model, variant=variant)
    with Listener(progress) as listener:
        core, counts = _gutbrain.biomarkers(asked.core, event, window, threads, listener)
    return _finish(core, counts, listener)


def calibrate(
    file: str | os.PathLike[str],
    *,
    posterior: bool = False,
    renew: bool = False,
    profile: Sequence[str] = (),
    starts: int | None = None,
    method: str | None = None,
    model: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    progress: bool | None = None,
    output: str | os.PathLike[str] | None = None,
    resume: bool = False,
) -> Results:
    """Fits parameters to evidence; ``gutbrain calibrate``. Takes minutes and more.

    ``file`` is a calibration file by its path, or a shipped one by name (``"foundation"``). ``posterior``
    samples the posterior, ``renew`` weighs its vectors again, ``profile`` draws profiles of these
    parameters (``["all"]``). ``starts`` and ``method`` (``lm``, ``cma-es``) win over the file's. ``output``
    and ``resume`` are those of :func:`gutbrain.sweep`; without a folder, what was interrupted is lost, and
    ``KeyboardInterrupt`` waits for the points that are being computed, some seconds. Writing fitted values
    back into a model is left to the command.
    """
    path = os.fspath(file)
    is_shipped = not path.endswith(".toml")
    if is_shipped and f"calibration/{path}.toml" not in dict(_gutbrain.shipped()):
        raise ScenarioError(
            f"no shipped calibration is called {path!r}\n  help: a path ends with .toml"
        )
    if isinstance(profile, str):
        raise ScenarioError(f"profile={profile!r} is one text\n  help: write [{profile!r}]")
    ways = [posterior, renew, bool(profile)]
    if sum(ways) > 1:
        raise ScenarioError("posterior, renew and profile are one each: ask for one of them")
    if starts is not None:
        _count(starts, "starts")
    folder = None if model is None else os.fspath(model)
    if output is not None:
        options: dict[str, str | int | None] = {
            "starts": starts,
            "method": method,
            "model": folder,
            "threads": threads,
            "profile": ",".join(profile) or None,
        }
        asked = ((posterior, "--posterior"), (renew, "--renew"), (resume, "--resume"))
        flags = [flag for wanted, flag in asked if wanted]
        return calibration_in_folder(path, is_shipped, options, flags, output, progress)
    _refuse(resume)
    way = "posterior" if posterior else "renew" if renew else "profile" if profile else "fit"
    with Listener(progress) as listener:
        core, counts = _gutbrain.calibrate(
            path, is_shipped, way, list(profile), starts, method, folder, threads, listener
        )
    return _finish(core, counts, listener)


def validate(
    *,
    scenarios: str | os.PathLike[str] | None = None,
    vectors: int | None = None,
    model: str | os.PathLike[str] | None = None,
    variant: str | None = None,
    threads: int | None = None,
    progress: bool | None = None,
) -> Results:
    """Scores the model against the evidence that it is fitted to and tested on; ``gutbrain validate``.

    The table ``scoreboard`` has one row per comparison: prediction, its local 90 % interval (``lower``,
    ``upper``), what the posterior leaves open (``q05``, ``median``, ``q95``), what was published, and the
    verdict. ``results.file("validation.md")`` is the page, ``expectations.toml`` declares what was found. A
    verdict other than the declared one is a :class:`ResultWarning`. ``scenarios`` is a folder with scenarios
    and ``expectations.toml`` of one's own; ``vectors`` how many vectors of the posterior are asked (0: none).
    ``KeyboardInterrupt`` ends it when the scenarios that are being differentiated are: that takes seconds.
    """
    with Listener(progress) as listener:
        core, counts = _gutbrain.validate(
            None if scenarios is None else os.fspath(scenarios),
            None if vectors is None else _count(vectors, "vectors"),
            None if model is None else os.fspath(model),
            variant,
            threads,
            listener,
        )
    return _finish(core, counts, listener)


def _format(format: str) -> str:
    if format not in ("parquet", "csv"):
        raise ScenarioError(
            f"`{format}` is no format of tables\n  help: write \"parquet\" or \"csv\""
        )
    return format


def _count(number: int, name: str) -> int:
    if not 0 <= number < 2**31:
        raise ScenarioError(f"{name}={number} is no number of {name}")
    return number


def _refuse(resume: bool) -> None:
    if resume:
        raise ScenarioError("resume=True needs the output folder that an earlier start worked in")


def _finish(core: _gutbrain.Results, counts: tuple[int, int], listener: Listener) -> Results:
    requested, failed = counts
    if failed:
        listener.warn(f"{failed} of {requested} runs failed; their rows have a status and a reason")
    listener.say(stacklevel=4)
    return Results(core, counts, listener.warnings)
