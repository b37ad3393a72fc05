"""Outside oracle of panels and areas: scikit-learn's logistic regression and areas under the curve.

Prints the weights that the unit test of `crates/statistics/src/classify/logistic.rs` holds, from the same ten
subjects, and fails if that file holds others.
"""

import re
import sys
from pathlib import Path

import numpy
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

ROOT = Path(__file__).resolve().parents[2]
SOURCE = (ROOT / "crates/statistics/src/classify/logistic.rs").read_text()
ROWS = numpy.array(
    [[0.5, 2.1], [1.5, 0.3], [2.2, 1.7], [3.1, 4.4], [2.8, 0.9], [4.0, 3.3], [1.1, 2.9], [3.6, 2.2], [0.2, 1.0], [2.5, 3.8]]
)
CASES = numpy.array([0, 0, 1, 1, 0, 1, 0, 1, 0, 1])
standard = (ROWS - ROWS.mean(0)) / ROWS.std(0)
failures = []
for penalty in (1.0, 0.1):
    fit = LogisticRegression(C=1 / penalty, tol=1e-12, max_iter=10_000).fit(standard, CASES)
    for value in (fit.intercept_[0], *fit.coef_[0]):
        held = [float(number.replace("_", "")) for number in re.findall(r"-?\d+\.[\d_]+", SOURCE)]
        if not any(abs(value - other) < 1e-6 for other in held):
            failures.append(f"penalty {penalty}: {value!r} is not in the test")
    print(penalty, float(fit.intercept_[0]), [float(it) for it in fit.coef_[0]])
# The hand-counted area of the unit test of `roc.rs`.
area = roc_auc_score([1, 1, 1, 0, 0], [3.0, 1.0, 4.0, 2.0, 1.0])
if abs(area - 4.5 / 6) > 1e-15:
    failures.append(f"area {area}")
print("\n".join(failures) or "all agree")
sys.exit(bool(failures))
