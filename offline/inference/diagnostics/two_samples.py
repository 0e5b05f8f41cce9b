"""Whether a classifier tells two samples apart, with neural networks of scikit-learn as in the benchmark of arXiv:2101.04653."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.errors import DataError
from offline.inference.arrays import FloatArray

__all__ = ["TwoSamples", "c2st"]


@dataclass(frozen=True, slots=True)
class TwoSamples:
    """Result of the test.

    Parameters
    ----------
    accuracy : float
        Share of held-out rows that are told right: 0.5 if nothing distinguishes the samples, 1 if everything does.
    rows : int
        Of both samples together.
    """

    accuracy: float
    rows: int

    @property
    def p_value(self) -> float:
        """One-sided, from the binomial spread of the accuracy."""
        return 0.5 * math.erfc((self.accuracy - 0.5) * math.sqrt(4 * self.rows) / math.sqrt(2))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"accuracy": self.accuracy, "rows": self.rows, "p_value": self.p_value}


def c2st(one: FloatArray, two: FloatArray, *, folds: int = 5, passes: int = 10_000, seed: int = 1) -> TwoSamples:
    """Cross-validated accuracy of a network of two layers, each ten times as wide as there are columns.

    Parameters
    ----------
    one, two : ndarray of float64, shapes (n, d) and (m, d)
        Samples; both are scaled by mean and spread of the first. To test posteriors given different observations, put what was
        observed beside the parameters.
    folds : int
        Parts, each judged by a network of the others.
    passes : int
        At most so many over the data; training stops where the loss does.
    seed : int
        Of parts and networks.
    """
    if one.ndim != 2 or two.ndim != 2 or one.shape[1] != two.shape[1] or min(len(one), len(two)) < 2 * folds:
        msg = f"samples of shape {one.shape} and {two.shape} cannot be compared in {folds} folds: expected (n, d) and (m, d)"
        raise DataError(msg)
    spread = one.std(axis=0)
    both = (np.concatenate([one, two]) - one.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    label = np.repeat([0, 1], [len(one), len(two)])
    width = 10 * one.shape[1]
    network = require("sklearn.neural_network").MLPClassifier((width, width), max_iter=passes, random_state=seed)
    selection = require("sklearn.model_selection")
    parts = selection.StratifiedKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # where passes are few on purpose
        warnings.simplefilter("ignore", require("sklearn.exceptions").ConvergenceWarning)
        found = selection.cross_val_score(network, both, label, cv=parts)
    return TwoSamples(float(np.mean(found)), len(both))
