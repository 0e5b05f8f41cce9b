"""Area under the ROC curve with its error."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from l1ml._optional import require
from l1ml.errors import DataError
from offline.calorimeter.judging.samples import FloatArray

__all__ = ["Area", "area_under_curve"]


class Area(NamedTuple):
    """Chance that a true shower has a higher score than a generated one, and its standard deviation."""

    value: float
    error: float


def area_under_curve(truth: FloatArray, generated: FloatArray) -> Area:
    """Of the scores of two samples, shapes (n,) and (m,); ties count one half.

    The error is that of E. DeLong et al., Biometrics 44 (1988) 837, from midranks (X. Sun and W. Xu, IEEE SPL 21 (2014) 1389):
    the judged showers are the only chance in it, not the training of what scores them.

    Raises
    ------
    DataError
        If a sample has fewer than two scores.
    """
    n, m = len(truth), len(generated)
    if min(n, m) < 2:
        msg = f"{n} and {m} scores: an area needs two of each sample at least"
        raise DataError(msg)
    rank = require("scipy.stats").rankdata
    together = rank(np.concatenate([truth, generated]))
    below = (together[:n] - rank(truth)) / m
    above = 1 - (together[n:] - rank(generated)) / n
    return Area(float(below.mean()), float(np.sqrt(below.var(ddof=1) / n + above.var(ddof=1) / m)))
