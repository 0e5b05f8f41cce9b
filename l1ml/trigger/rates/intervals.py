"""Confidence intervals for counts and fractions."""

from __future__ import annotations

import math

from l1ml._optional import require

__all__ = ["ONE_SIGMA", "clopper_pearson", "poisson_upper_limit"]

ONE_SIGMA = math.erf(1.0 / math.sqrt(2.0))
"""Probability content of one Gaussian standard deviation, 68.27 %."""


def clopper_pearson(n_passed: float, n_total: float, coverage: float = ONE_SIGMA) -> tuple[float, float]:
    """Central interval of Clopper and Pearson, Biometrika 26 (1934) 404, for a fraction.

    Parameters
    ----------
    n_passed, n_total : float
        Counts, ``0 <= n_passed <= n_total`` and ``n_total > 0``.  Fractional counts are effective
        numbers of independent draws (Korn and Graubard, Survey Methodology 24 (1998) 193).
    coverage : float
        Probability content of the interval, between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper end; 0 when nothing passes, 1 when everything does.

    Examples
    --------
    >>> low, high = clopper_pearson(0, 10)
    >>> low, round(high, 4)
    (0.0, 0.1681)
    """
    quantile = require("scipy.special").betaincinv
    tail = (1.0 - coverage) / 2.0
    n_failed = n_total - n_passed
    low = 0.0 if n_passed <= 0 else float(quantile(n_passed, n_failed + 1.0, tail))
    high = 1.0 if n_failed <= 0 else float(quantile(n_passed + 1.0, n_failed, 1.0 - tail))
    return low, high


def poisson_upper_limit(coverage: float = ONE_SIGMA, *, central: bool = True) -> float:
    """Upper limit on a Poisson mean of which zero events were seen (Garwood 1936).

    A `central` interval leaves half of ``1 - coverage`` on each side (1.84 events at 68.27 %); a
    one-sided limit leaves all of it above (3.00 events at 95 %).

    Examples
    --------
    >>> round(poisson_upper_limit(), 2), round(poisson_upper_limit(0.95, central=False), 2)
    (1.84, 3.0)
    """
    tail = 1.0 - coverage
    return -math.log(tail / 2.0 if central else tail)
