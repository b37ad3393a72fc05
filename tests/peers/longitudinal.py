"""Outside oracles for trials with visits: statsmodels' MixedLM and OLS, SciPy, on published data and at random.

`crates/statistics/examples/longitudinal.rs` is asked. Mixed models: at the variances that gutbrain finds,
statsmodels' own (restricted) likelihood and its estimates of the fixed effects must be the same to 1e-8 (1e-4
at the edge, where it inverts a singular matrix), and its search must find nothing better and, away from the
edge, the same estimates to 1e-3 of a standard error; estimates, likelihoods (1e-8), standard errors (1e-7) and
Satterthwaite's degrees of freedom (1e-3, numerical derivatives) are computed again from dense matrices. Data: a
published trial of 60 people (pingouin's `mixed_anova`), repeated blood gases of Bland and Altman (1995,
unequal numbers of visits), Grunfeld's firms, and invented trials with missing visits, of which some lie at
the edge (no variance of slopes, or no random effect at all). Joint ranks: brute force over all pairs, then
SciPy's Mann-Whitney test. Ratios: SciPy's Welch test and statsmodels' OLS.
"""

import io
import subprocess
import sys
import warnings
from pathlib import Path

import numpy
import pandas
import pingouin
import statsmodels.api as sm
from scipy.stats import mannwhitneyu, norm, rankdata, t as student, ttest_ind
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams

warnings.simplefilter("ignore")
ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "target/release/examples/longitudinal"


class Comparison:
    """Counts what was compared and remembers the largest difference of every kind."""

    def __init__(self):
        self.compared = 0
        self.worst = {}
        self.failures = []

    def equal(self, kind, name, ours, theirs, limit, floor=0.0):
        self.compared += 1
        difference = abs(ours - theirs) / max(abs(theirs), floor, 1e-300)
        if not difference <= self.worst.get(kind, (0.0, ""))[0]:
            self.worst[kind] = (difference, name)
        if not difference <= limit:
            self.failures.append(f"{kind} of {name}: {ours} here, {theirs} there")

    def holds(self, name, truth, what):
        self.compared += 1
        if not truth:
            self.failures.append(f"{name}: {what}")


def ask_program(kind, table):
    text = io.StringIO()
    table.to_csv(text, index=False)
    done = subprocess.run([PROGRAM, kind], input=text.getvalue(), capture_output=True, text=True, check=True)
    values = {}
    for line in done.stdout.splitlines():
        quantity, key, value = line.split(",")
        values[quantity, key] = value if quantity == "refused" else float(value)
    return values


class Dense:
    """The same likelihood from whole matrices, with the variances as four free numbers."""

    def __init__(self, table, reml):
        self.parts = [
            (numpy.column_stack([numpy.ones(len(part)), part.time]), part.iloc[:, 3:].to_numpy(), part.outcome.to_numpy())
            for _, part in table.groupby("subject", sort=False)
        ]
        self.reml = reml

    def information(self, factor, log_error):
        """Xᵀ V⁻¹ X, the estimates, and the deviance."""
        lower = numpy.array([[factor[0], 0.0], [factor[1], factor[2]]])
        error = numpy.exp(log_error)
        information, right, squares, logs = 0.0, 0.0, 0.0, 0.0
        for z, x, y in self.parts:
            v = error * (numpy.eye(len(y)) + z @ lower @ lower.T @ z.T)
            solved = numpy.linalg.solve(v, numpy.column_stack([x, y]))
            information = information + x.T @ solved[:, :-1]
            right = right + x.T @ solved[:, -1]
            squares += y @ solved[:, -1]
            logs += numpy.linalg.slogdet(v)[1]
        logs += self.reml * numpy.linalg.slogdet(information)[1]
        beta = numpy.linalg.solve(information, right)
        return information, beta, logs + squares - right @ beta

    def degrees(self, factor, log_error):
        """Satterthwaite's degrees of freedom by central differences."""
        at = numpy.array([*factor, log_error])
        steps = 1e-4 * numpy.maximum(abs(at), 0.1)
        dimension = range(4)

        def deviance(point):
            return self.information(point[:3], point[3])[2]

        def variances(point):
            return numpy.diag(numpy.linalg.inv(self.information(point[:3], point[3])[0]))

        unit = numpy.eye(4) * steps
        curvature = numpy.array([
            [
                (
                    deviance(at + unit[i] + unit[j]) - deviance(at + unit[i] - unit[j])
                    - deviance(at - unit[i] + unit[j]) + deviance(at - unit[i] - unit[j])
                ) / (4 * steps[i] * steps[j])
                for j in dimension
            ]
            for i in dimension
        ])
        slopes = numpy.array([(variances(at + unit[i]) - variances(at - unit[i])) / (2 * steps[i]) for i in dimension])
        covariance = 2 * numpy.linalg.inv(curvature)
        return 2 * variances(at) ** 2 / numpy.einsum("ik,ij,jk->k", slopes, covariance, slopes)


def compare_mixed(check, name, table, edge):
    ours = ask_program("mixed", table)
    x = table.iloc[:, 3:].to_numpy(float)
    re = numpy.column_stack([numpy.ones(len(table)), table.time])
    for method in ("reml", "ml"):
        label = f"{name} {method}"
        if ("refused", method) in ours:
            check.holds(label, False, f"refused: {ours['refused', method]}")
            continue
        get = lambda key: ours[method, key]
        places = range(x.shape[1])
        beta = numpy.array([get(f"estimate_{i}") for i in places])
        errors = numpy.array([get(f"standard_error_{i}") for i in places])
        covariance = numpy.array([[get("intercept"), get("intercept_slope")], [get("intercept_slope"), get("slope")]])
        relative = covariance / get("error")
        at_edge = bool(get("at_edge"))
        check.holds(label, edge in (None, at_edge), f"at the edge: {at_edge}")
        print(f"{label}: {len(table)} rows, {table.subject.nunique()} subjects, {get('iterations'):.0f} steps" + at_edge * ", at the edge")
        model = MixedLM(table.outcome.to_numpy(float), x, table.subject.to_numpy(), re)
        model.reml = method == "reml"
        model.cov_pen = model.fe_pen = None
        model._cov_sing = 0  # a counter that its search sets
        # It inverts the covariances: at the edge they get a ridge, and fewer digits agree.
        limit, ridge = (1e-4, 1e-6 * max(1.0, numpy.trace(relative))) if at_edge else (1e-8, 0.0)
        inside = relative + ridge * numpy.diag([1.0, 1.0 / (1e-9 + (table.time**2).mean())])
        fixed, singular = model.get_fe_params(inside, numpy.array([]))
        check.holds(label, not singular, "singular there")
        kind = " at the edge" * at_edge
        for i in places:
            check.equal(f"estimate{kind}", f"{label} {i}", beta[i], fixed[i], limit, 0.1 * errors[i])
        params = MixedLMParams.from_components(fe_params=fixed, cov_re=inside, vcomp=numpy.array([]))
        check.equal(f"log-likelihood{kind}", label, get("log_likelihood"), model.loglike(params), limit)
        check.equal(f"error variance{kind}", label, get("error"), model.get_scale(fixed, inside, numpy.array([])), limit)
        dense = Dense(table, method == "reml")
        lower = numpy.linalg.cholesky(relative + 1e-13 * numpy.trace(relative) * numpy.eye(2) + 1e-15 * numpy.eye(2))
        factor = [lower[0, 0], lower[1, 0], lower[1, 1]]
        information, there, deviance = dense.information(factor, numpy.log(get("error")))
        for i in places:
            check.equal("estimate from dense matrices", f"{label} {i}", beta[i], there[i], 1e-8, 0.1 * errors[i])
        free = len(table) - (method == "reml") * x.shape[1]
        dense_log = -0.5 * (deviance + free * numpy.log(2 * numpy.pi))
        check.equal("log-likelihood from dense matrices", label, get("log_likelihood"), dense_log, 1e-9)
        theirs = numpy.sqrt(numpy.diag(numpy.linalg.inv(information)))
        for i in places:
            check.equal("standard error", f"{label} {i}", errors[i], theirs[i], 1e-7)
            check.equal("normal p", f"{label} {i}", get(f"normal_p_{i}"), 2 * norm.sf(abs(beta[i] / errors[i])), 1e-9)
            p = 2 * student.sf(abs(beta[i] / errors[i]), get(f"degrees_{i}"))
            check.equal("p", f"{label} {i}", get(f"p_{i}"), p, 1e-9)
        if not at_edge:
            for i, degrees in enumerate(dense.degrees(factor, numpy.log(get("error")))):
                check.equal("degrees of freedom", f"{label} {i}", get(f"degrees_{i}"), degrees, 1e-3)
        # Its own search, from where it likes to begin and from here.
        begin = MixedLMParams.from_components(fe_params=fixed, cov_re=inside, vcomp=numpy.array([]))
        for start in (None, begin):
            found = model.fit(reml=method == "reml", start_params=start, method=["bfgs", "lbfgs", "cg"])
            # Its own value near a singular matrix has lost digits.
            g = found.cov_re.to_numpy() if hasattr(found.cov_re, "to_numpy") else found.cov_re
            inside = numpy.linalg.cholesky(g / found.scale + 1e-12 * numpy.eye(2))
            deviance = dense.information([inside[0, 0], inside[1, 0], inside[1, 1]], numpy.log(found.scale))[2]
            theirs = -0.5 * (deviance + free * numpy.log(2 * numpy.pi))
            check.holds(label, get("log_likelihood") >= theirs - 1e-9, f"{theirs} is better than {get('log_likelihood')}")
            if start is not None or not at_edge:
                for i in places:
                    check.equal("estimate by its own search", f"{label} {i}", beta[i] / errors[i], found.fe_params[i] / errors[i], 1e-3, 1.0)


def trial(random, subjects, visits, sd, missing, slope=-1.0):
    """People at visits with a baseline covariate; some visits missing."""
    rows = []
    for subject in range(subjects):
        treated = subject % 2
        b = random.multivariate_normal([0, 0], [[sd[0] ** 2, sd[2] * sd[0] * sd[1]], [sd[2] * sd[0] * sd[1], sd[1] ** 2]])
        covariate = random.normal()
        for visit in range(visits):
            time = visit + random.normal(0, 0.1) * (visit > 0)
            outcome = 38 + b[0] + covariate + (slope + b[1] + 0.3 * treated) * time + random.normal(0, 1.2)
            if visit == 0 or random.random() > missing:
                rows.append([subject, time, outcome, 1.0, time, treated * time, covariate])
    return pandas.DataFrame(rows, columns=["subject", "time", "outcome", "x0", "x1", "x2", "x3"])


def mixed_tables():
    people = pingouin.read_dataset("mixed_anova")
    time = people.Time.map({"August": 0.0, "January": 5.0, "June": 10.0})
    table = pandas.DataFrame({"subject": people.Subject, "time": time, "outcome": people.Scores, "x0": 1.0, "x1": time})
    table["x2"] = (people.Group == "Meditation") * time
    yield "meditation", table.sort_values(["subject", "time"], kind="stable"), None
    gases = pingouin.read_dataset("rm_corr")
    table = pandas.DataFrame({"subject": gases.Subject, "time": gases.pH - 7, "outcome": gases.PacO2, "x0": 1.0, "x1": gases.pH - 7})
    yield "blood gases", table.sort_values("subject", kind="stable"), None
    firms = sm.datasets.grunfeld.load_pandas().data
    year = firms.year - 1935.0
    table = pandas.DataFrame({"subject": firms.firm.astype("category").cat.codes, "time": year, "outcome": firms.invest})
    table = table.assign(x0=1.0, x1=year, x2=firms.value, x3=firms.capital)
    yield "firms", table.sort_values(["subject", "time"], kind="stable"), None
    random = numpy.random.default_rng(20261)
    yield "trial", trial(random, 120, 7, (5.0, 0.7, 0.2), 0.0), False
    yield "trial with missing visits", trial(random, 135, 7, (5.0, 0.7, 0.2), 0.25), False
    yield "small trial", trial(random, 16, 5, (5.0, 0.7, -0.3), 0.1), None
    yield "no variance of slopes", trial(random, 60, 6, (5.0, 0.0, 0.0), 0.1), None
    yield "no random effects", trial(random, 60, 6, (0.0, 0.0, 0.0), 0.1), None
    yield "one random effect", trial(random, 60, 6, (2.0, 0.7, 1.0), 0.1), None


def compare_ranks(check, random):
    for replicate in range(20):
        subjects = int(random.integers(6, 60))
        arm = numpy.arange(subjects) % 2
        time = numpy.ceil(random.exponential(8, subjects))
        event = (time < 6).astype(int)
        time = numpy.minimum(time, 6)
        changes = numpy.round(random.normal(-1, 2, (subjects, 5)))
        changes[numpy.arange(1, 6)[None, :] > time[:, None]] = numpy.nan
        changes[random.random(changes.shape) < 0.15] = numpy.nan
        table = pandas.DataFrame(numpy.column_stack([arm, time, event, changes]))
        ours = ask_program("ranks", table)
        scores = numpy.zeros(subjects)
        wins = 0.0
        for i in range(subjects):
            for j in range(subjects):
                if event[j] and (time[j] < time[i] or (time[j] == time[i] and not event[i])):
                    sign = 1
                elif event[i] and (time[i] < time[j] or (time[i] == time[j] and not event[j])):
                    sign = -1
                else:
                    both = numpy.flatnonzero(~numpy.isnan(changes[i]) & ~numpy.isnan(changes[j]))
                    sign = 0 if len(both) == 0 or i == j else numpy.sign(changes[i, both[-1]] - changes[j, both[-1]])
                scores[i] += sign
                wins += sign * (arm[i] == 1) * (arm[j] == 0)
        ranks = rankdata(scores)
        label = f"ranks {replicate}"
        check.equal("mean rank", label, ours["ranks", "treated"], ranks[arm == 1].mean(), 1e-12)
        check.equal("net benefit", label, ours["ranks", "net_benefit"], wins / (sum(arm == 1) * sum(arm == 0)), 1e-12, 1e-3)
        test = mannwhitneyu(scores[arm == 1], scores[arm == 0], use_continuity=False, method="asymptotic")
        check.equal("rank p", label, ours["ranks", "p"], test.pvalue, 1e-9)
        n0, n1 = sum(arm == 0), sum(arm == 1)
        variance = n0 * n1 / (subjects * (subjects - 1)) * (scores**2).sum()
        p = 2 * norm.sf(abs(scores[arm == 1].sum()) / numpy.sqrt(variance))
        check.equal("score p", label, ours["ranks", "score_p"], p, 1e-9)


def compare_ratios(check, random):
    for replicate in range(10):
        arm = (numpy.arange(int(random.integers(8, 80))) % 3 == 0).astype(int)
        start = numpy.exp(random.normal(3, 0.6, len(arm)))
        end = start**0.8 * numpy.exp(random.normal(0.3 - 0.2 * arm, 0.2 + 0.3 * arm))
        adjusted = replicate % 2 == 1
        table = pandas.DataFrame({"arm": arm, "start": start if adjusted else numpy.nan, "end": end})
        ours = ask_program("ratio", table)
        if adjusted:
            found = sm.OLS(numpy.log(end), numpy.column_stack([numpy.ones(len(arm)), arm, numpy.log(start)])).fit()
            theirs = (found.params[1], found.bse[1], found.df_resid, found.pvalues[1])
        else:
            found = ttest_ind(numpy.log(end[arm == 1]), numpy.log(end[arm == 0]), equal_var=False)
            difference = numpy.log(end[arm == 1]).mean() - numpy.log(end[arm == 0]).mean()
            theirs = (difference, difference / found.statistic, found.df, found.pvalue)
        for key, value in zip(("log_ratio", "standard_error", "degrees", "p"), theirs):
            check.equal(f"ratio {key}", f"{replicate}", ours["ratio", key], value, 1e-9)


def main():
    check = Comparison()
    for name, table, edge in mixed_tables():
        compare_mixed(check, name, table, edge)
    random = numpy.random.default_rng(20262)
    compare_ranks(check, random)
    compare_ratios(check, random)
    print(f"{check.compared} numbers compared")
    for kind, (difference, name) in check.worst.items():
        print(f"largest relative difference, {kind}: {difference:.1e} ({name})")
    for failure in check.failures[:20]:
        print("DIFFERS", failure)
    if check.failures:
        sys.exit(f"{len(check.failures)} numbers differ")


main()
