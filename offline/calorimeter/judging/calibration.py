"""Whether a classifier's output is the chance that it claims to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml._optional import require
from offline.calorimeter.judging.samples import FloatArray

__all__ = ["Calibrator", "calibration_error", "calibration_floor"]

_BINS = 10


@dataclass(frozen=True, eq=False, slots=True)
class Calibrator:
    """A rising function from output to chance, by isotonic regression; constant beyond the scores that it was made from.

    The regression alone claims certainty of the few showers at its ends, and one such shower among the judged ones would carry
    more weight than all others. Each of its steps has one true and one generated shower added to those that it stands for, so
    that a step of n showers claims (n + 1) / (n + 2) at most.

    Parameters
    ----------
    scores, chances : ndarray of float64, shape (k,)
        Its corners.
    """

    scores: FloatArray
    chances: FloatArray

    @classmethod
    def of(cls, truth: FloatArray, generated: FloatArray) -> Calibrator:
        """From outputs for two samples, shapes (n,) and (m,), each with one half of the weight."""
        score, label, weight = _labelled(truth, generated)
        _, step = np.unique(_rising(score, label, weight).predict(score), return_inverse=True)
        chance = (np.bincount(step, weight * label) + 1) / (np.bincount(step, weight) + 2)
        regression = _rising(score, chance[step], weight)  # small steps may have moved past their neighbours
        return cls(np.asarray(regression.X_thresholds_, np.float64), np.asarray(regression.y_thresholds_, np.float64))

    def __call__(self, score: FloatArray) -> FloatArray:
        """Calibrated chances of `score`."""
        return np.interp(score, self.scores, self.chances)


def calibration_error(truth: FloatArray, generated: FloatArray, bins: int = _BINS) -> float:
    """Mean distance of claimed chance and share of truth, over bins that hold about equal weight; each sample weighs one half.

    Parameters
    ----------
    truth, generated : ndarray of float64, shape (n,) and (m,)
        Chances to be true, of the showers of either sample.
    bins : int
        How many; equal claims are never in two.
    """
    chance, label, weight = _labelled(truth, generated)
    _, claim = np.unique(chance, return_inverse=True)
    heavy = np.bincount(claim, weight)
    middle = (np.cumsum(heavy) - heavy / 2) / heavy.sum()
    away = np.bincount((middle * bins).astype(np.int64)[claim], (label - chance) * weight, bins)
    return float(np.abs(away).sum() / weight.sum())


def calibration_floor(n: int, bins: int = _BINS) -> float:
    """What chance alone makes of `calibration_error` with `n` showers in both samples, if all claims are near one half.

    Each bin holds n / bins, of which the share that is true scatters by half the inverse root: sqrt(bins / 2 pi n) on average.
    """
    return float(np.sqrt(bins / (2 * np.pi * n)))


def _rising(score: FloatArray, target: FloatArray, weight: FloatArray) -> Any:
    regression = require("sklearn.isotonic").IsotonicRegression(out_of_bounds="clip")
    return regression.fit(score, target, weight)


def _labelled(truth: FloatArray, generated: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Chances, labels (one for truth) and weights of both, with a mean of one."""
    counts = np.array([len(truth), len(generated)])
    weight = np.repeat(0.5 * counts.sum() / counts, counts)
    return np.concatenate([truth, generated]), np.repeat([1.0, 0.0], counts), weight
