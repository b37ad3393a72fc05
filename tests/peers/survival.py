"""Outside oracles for survival statistics: lifelines and statsmodels, on published data and at random.

Every quantity of `crates/statistics/examples/survival.rs` is computed again: Kaplan-Meier curves, bands,
medians and restricted means by lifelines; log-rank tests by both, stratified ones by statsmodels; Cox by
statsmodels' Efron likelihood, whose maximum is polished by Newton steps, as its own stopping rule is not
exact enough. What gutbrain refuses to estimate must have no estimate there either. Limit: 1e-9 relative.
"""

import io
import subprocess
import sys
import warnings
from pathlib import Path

import numpy
import pandas
from lifelines import KaplanMeierFitter, datasets
from lifelines.statistics import multivariate_logrank_test
from lifelines.utils import median_survival_times, restricted_mean_survival_time
from scipy.stats import chi2, norm
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import survdiff

warnings.simplefilter("ignore")
ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "target/release/examples/survival"
LIMIT = 1e-9
RANDOM_TABLES = 80


class Comparison:
    """Counts what was compared and remembers the largest difference."""

    def __init__(self):
        self.compared = 0
        self.refused = 0
        self.worst = (0.0, "")
        self.failures = []

    def equal(self, name, ours, theirs, floor=0.0):
        self.compared += 1
        difference = abs(ours - theirs) / max(abs(theirs), floor, 1e-300) if ours != theirs else 0.0
        if not difference <= self.worst[0]:
            self.worst = (difference, name)
        if not difference <= LIMIT:
            self.failures.append(f"{name}: {ours} here, {theirs} there")

    def holds(self, name, truth, what):
        self.compared += 1
        if not truth:
            self.failures.append(f"{name}: {what}")


def ask_program(table):
    """What gutbrain says: {(quantity, key): value}, and what it refuses: {quantity: reason}."""
    text = io.StringIO()
    table.to_csv(text, index=False)
    done = subprocess.run([PROGRAM], input=text.getvalue(), capture_output=True, text=True, check=True)
    values, refusals = {}, {}
    for line in done.stdout.splitlines():
        quantity, key, value = line.split(",")
        if quantity == "refused":
            refusals[key] = value
        else:
            values[quantity, key] = float(value)
    return values, refusals


def number(value):
    """A number as Rust writes it in a key: shortest digits, no trailing .0."""
    return numpy.format_float_positional(value, trim="-")


def compare_curve(check, name, group, part, ours):
    fitter = KaplanMeierFitter().fit(part.time, part.event)
    table = fitter.event_table
    band = fitter.confidence_interval_
    for time in sorted(set(part.time)):
        key = f"{group}@{number(time)}"
        label = f"{name} {key}"
        survival = fitter.survival_function_at_times(time).iloc[0]
        check.equal(f"{label} at risk", ours["at_risk", key], table.at_risk[time])
        check.equal(f"{label} events", ours["events", key], table.observed[time])
        check.equal(f"{label} censored", ours["censored", key], table.censored[time])
        # lifelines multiplies by way of logarithms: nothing is left where the curve ends at zero.
        check.equal(f"{label} survival", ours["survival", key], survival, floor=1e-6)
        if ("lower", key) in ours:
            check.equal(f"{label} lower", ours["lower", key], band.iloc[:, 0][time], floor=1e-3)
            check.equal(f"{label} upper", ours["upper", key], band.iloc[:, 1][time], floor=1e-3)
            at_or_before = table[table.index <= time]
            deaths, risk = at_or_before.observed, at_or_before.at_risk
            greenwood = (deaths / (risk * (risk - deaths))).sum()
            error = survival * numpy.sqrt(greenwood)
            check.equal(f"{label} error", ours["standard_error", key], error, floor=1e-9)
        else:
            # One subject has no band: nothing is known of the spread of others.
            missing = ours["survival", key] == 0.0 or len(part) == 1
            check.holds(f"{label} band", missing, "missing though the curve is not zero")

    def half(ours_key, theirs, curve):
        """A time at which the curve falls to one half; a curve of exactly one half may be rounded either way."""
        mine = ours.get((ours_key, str(group)), numpy.inf)
        if mine == theirs:
            check.equal(f"{name} {group} {ours_key}", mine, theirs)
            return
        level = curve[curve.index <= min(mine, theirs)].iloc[-1]
        ended = mine == numpy.inf and fitter.survival_function_.iloc[-1, 0] < 1e-12
        check.holds(f"{name} {group} {ours_key}", abs(level - 0.5) < 1e-9 or ended, f"{mine} here, {theirs} there")

    half("median", fitter.median_survival_time_, fitter.survival_function_.iloc[:, 0])
    if len(part) == 1:
        bounds = [key for key in ("median_lower", "median_upper") if (key, str(group)) in ours]
        check.holds(f"{name} {group} bounds", not bounds, "an interval of one subject")
        return fitter
    limits = median_survival_times(band)
    half("median_lower", limits.iloc[0, 0], band.iloc[:, 0])
    half("median_upper", limits.iloc[0, 1], band.iloc[:, 1])
    return fitter


def restricted_error(fitter, horizon):
    """Standard error of a restricted mean, from lifelines' own curve and counts."""
    curve = fitter.survival_function_.iloc[:, 0]
    grid = numpy.append(curve.index[curve.index < horizon], horizon)
    variance = 0.0
    for time, row in fitter.event_table.iterrows():
        left = row.at_risk - row.observed
        if time <= horizon and row.observed > 0 and left > 0:
            ends = grid[grid > time]
            starts = numpy.append(time, ends[:-1])
            area = sum(curve[s] * (e - s) for s, e in zip(starts, ends))
            variance += area**2 * row.observed / (row.at_risk * left)
    return numpy.sqrt(variance)


def compare_restricted_means(check, name, ours, fitters):
    keys = [key for quantity, key in ours if quantity == "restricted_mean"]
    for key in keys:
        group, horizon = int(key.split("@")[0]), float(key.split("@")[1])
        mean = restricted_mean_survival_time(fitters[group], horizon)
        check.equal(f"{name} mean {key}", ours["restricted_mean", key], mean)
        if ("restricted_mean_error", key) not in ours:
            alone = fitters[group].event_table.at_risk.iloc[0] == 1
            check.holds(f"{name} mean error {key}", alone, "missing though there are several subjects")
            continue
        error = restricted_error(fitters[group], horizon)
        check.equal(f"{name} mean error {key}", ours["restricted_mean_error", key], error, floor=1e-6 * mean)
    for key in [key for quantity, key in ours if quantity == "restricted_difference"]:
        means = [ours["restricted_mean", f"{g}@{key}"] for g in (0, 1)]
        errors = [ours.get(("restricted_mean_error", f"{g}@{key}"), 0.0) for g in (0, 1)]
        error = numpy.hypot(*errors)
        gain = means[1] - means[0]
        floor = 1e-3 * means[0]
        check.equal(f"{name} difference {key}", ours["restricted_difference", key], gain, floor=floor)
        if ("restricted_difference_lower", key) in ours:
            lower = gain + norm.ppf(0.025) * error
            check.equal(f"{name} difference lower {key}", ours["restricted_difference_lower", key], lower, floor=floor)
            p = 2 * norm.sf(abs(gain / error))
            check.equal(f"{name} difference p {key}", ours["restricted_difference_p", key], p, floor=1e-12)


def compare_log_rank(check, name, kind, table, ours, refusals):
    """statsmodels drops nobody: strata with one group only are left to it as they are."""
    strata = table.stratum.to_numpy() if kind else None
    if f"{kind}log_rank" in refusals:
        check.refused += 1
        both = 0
        for _, part in table.groupby("stratum") if kind else [(0, table)]:
            for time in part.time[part.event == 1]:
                both += part.group[part.time >= time].nunique() > 1
        check.holds(f"{name} {kind}log_rank", both == 0, f"refused: {refusals[f'{kind}log_rank']}")
        return
    degrees = ours[f"{kind}log_rank", "degrees"]
    chi_squared = ours[f"{kind}log_rank", "chi_squared"]
    p = ours[f"{kind}log_rank", "p"]
    groups = table.group.nunique()
    check.equal(f"{name} {kind}log-rank p", p, chi2.sf(chi_squared, degrees), floor=1e-200)
    if degrees < groups - 1:
        return  # statsmodels inverts a singular matrix here
    theirs, _ = survdiff(
        table.time.to_numpy(), table.event.to_numpy(), table.group.to_numpy(), strata=strata
    )
    # A statistic near zero is a difference of counts near ten: its rounding is theirs too.
    check.equal(f"{name} {kind}log-rank", chi_squared, theirs, floor=1e-3)
    if not kind:
        test = multivariate_logrank_test(table.time, table.group, table.event)
        check.equal(f"{name} log-rank (lifelines)", chi_squared, test.test_statistic, floor=1e-3)


class Cox:
    """Efron's likelihood as statsmodels has it, and its maximum."""

    def __init__(self, table, covariates, kind):
        strata = table.stratum.to_numpy() if kind else None
        self.model = PHReg(
            table.time.to_numpy(float), covariates, table.event.to_numpy(), strata=strata, ties="efron"
        )
        self.null = numpy.zeros(covariates.shape[1])

    def maximise(self):
        beta = self.model.fit().params
        for _ in range(6):
            beta = beta - numpy.linalg.solve(self.model.hessian(beta), self.model.score(beta))
        errors = numpy.sqrt(numpy.diag(numpy.linalg.inv(-self.model.hessian(beta))))
        gain = 2 * (self.model.loglike(beta) - self.model.loglike(self.null))
        return beta, errors, chi2.sf(gain, len(beta))

    def has_no_maximum(self):
        """Whether the likelihood of one covariate only grows in one direction, or is flat."""
        values = [self.model.loglike(numpy.array([beta])) for beta in (-12.0, -8.0, -4.0, 0.0, 4.0, 8.0, 12.0)]
        steps = numpy.diff(values)
        return bool((steps >= -1e-9).all() or (steps <= 1e-9).all())


def compare_hazards(check, name, kind, table, ours, refusals):
    groups = table.group.to_numpy(float)[:, None]
    if f"{kind}hazard" in refusals:
        check.refused += 1
        if table.event.any() and table.group.nunique() == 2:
            without = Cox(table, groups, kind).has_no_maximum()
            check.holds(f"{name} {kind}hazard", without, f"refused: {refusals[f'{kind}hazard']}")
    elif (f"{kind}hazard", "ratio") in ours:
        beta, error, p = Cox(table, groups, kind).maximise()
        beta, error = beta[0], error[0]
        expected = {
            "log_ratio": beta,
            "standard_error": error,
            "ratio": numpy.exp(beta),
            "lower": numpy.exp(beta + norm.ppf(0.025) * error),
            "upper": numpy.exp(beta + norm.ppf(0.975) * error),
            "wald_p": 2 * norm.sf(abs(beta / error)),
            # A difference of two likelihoods: near p = 1 few digits are left in theirs.
            "likelihood_ratio_p": p,
        }
        for key, theirs in expected.items():
            if key == "likelihood_ratio_p" and p > 0.99:
                check.holds(f"{name} {key}", abs(ours[f"{kind}hazard", key] - p) < 1e-6, "differs")
                continue
            check.equal(f"{name} {kind}hazard {key}", ours[f"{kind}hazard", key], theirs, floor=1e-3 if key == "log_ratio" else 0.0)


def compare_fit(check, name, kind, table, ours, refusals):
    further = list(table.columns[4:])
    if not further:
        return
    cox = Cox(table, table[["group", *further]].to_numpy(float), kind)
    if f"{kind}fit" in refusals:
        check.refused += 1
        rank = numpy.linalg.matrix_rank(cox.model.hessian(cox.null))
        check.holds(f"{name} {kind}fit", rank < len(cox.null), f"refused: {refusals[f'{kind}fit']}")
        return
    beta, errors, p = cox.maximise()
    for j in range(len(beta)):
        check.equal(f"{name} {kind}fit {j}", ours[f"{kind}fit", f"log_ratio_{j}"], beta[j], floor=1e-3 * errors[j])
        check.equal(f"{name} {kind}fit error {j}", ours[f"{kind}fit", f"standard_error_{j}"], errors[j])
        wald = 2 * norm.sf(abs(beta[j] / errors[j]))
        check.equal(f"{name} {kind}fit p {j}", ours[f"{kind}fit", f"wald_p_{j}"], wald)
    check.equal(f"{name} {kind}fit p", ours[f"{kind}fit", "likelihood_ratio_p"], p)


def compare(check, name, table):
    ours, refusals = ask_program(table)
    fitters = {
        group: compare_curve(check, name, group, part, ours) for group, part in table.groupby("group")
    }
    compare_restricted_means(check, name, ours, fitters)
    for kind in ("", "stratified_"):
        if table.group.nunique() > 1:
            compare_log_rank(check, name, kind, table, ours, refusals)
            compare_hazards(check, name, kind, table, ours, refusals)
            compare_fit(check, name, kind, table, ours, refusals)


def published():
    """Data sets with a source: our copies, and those that lifelines brings."""
    for path in sorted((ROOT / "tests/peers/data").glob("*.csv")):
        yield path.stem, pandas.read_csv(path, comment="#")

    def table(time, event, group, stratum, **covariates):
        return pandas.DataFrame(
            {"time": time.astype(float), "event": event.astype(int), "group": group.astype(int), "stratum": stratum.astype(int), **covariates}
        )

    rossi = datasets.load_rossi()
    yield "rossi", table(
        rossi.week, rossi.arrest, rossi.fin, rossi.race,
        age=rossi.age, wexp=rossi.wexp, mar=rossi.mar, paro=rossi.paro, prio=rossi.prio,
    )
    waltons = datasets.load_waltons()
    control = waltons.group == "control"
    yield "waltons", table(waltons["T"], waltons["E"], ~control, waltons["T"] * 0)
    gbsg2 = datasets.load_gbsg2()
    grade = gbsg2.tgrade.astype("category").cat.codes
    yield "gbsg2", table(
        gbsg2.time, gbsg2.cens, gbsg2.horTh == "yes", grade,
        age=gbsg2.age, tsize=gbsg2.tsize, pnodes=gbsg2.pnodes, progrec=gbsg2.progrec,
    )
    larynx = datasets.load_larynx()
    stage = larynx.Stage_II + 2 * larynx.Stage_III + 3 * larynx.Stage_IV
    yield "larynx", table(larynx.time, larynx.death, stage, larynx.age > 65)


def invented():
    """Random tables: two to four groups, ties, censoring, strata; some too small to be compared."""
    random = numpy.random.default_rng(20260)
    for replicate in range(RANDOM_TABLES):
        groups = int(random.choice([2, 2, 2, 3, 4]))
        sizes = random.integers(1, random.choice([4, 12, 40]), groups)
        group = numpy.repeat(numpy.arange(groups), sizes)
        time = random.normal(130 + 4 * group, 11)
        time = numpy.maximum(numpy.round(time / random.choice([0.25, 2, 8])), 1)
        yield f"random {replicate}", pandas.DataFrame({
            "time": time,
            "event": (random.random(len(group)) < random.choice([1.0, 0.8, 0.3])).astype(int),
            "group": group,
            "stratum": random.integers(0, random.choice([1, 2, 8]), len(group)),
        })


def main():
    check = Comparison()
    for name, table in [*published(), *invented()]:
        compare(check, name, table)
    print(f"{check.compared} numbers compared, {check.refused} refusals understood")
    print(f"largest relative difference: {check.worst[0]:.1e} ({check.worst[1]})")
    for failure in check.failures[:20]:
        print("DIFFERS", failure)
    if check.failures:
        sys.exit(f"{len(check.failures)} numbers differ")


main()
