"""What tells whether a direct likelihood fit may be trusted: importance weights, number of draws, folding back."""

from __future__ import annotations

from typing import Any

import numpy as np

from offline.unfolding.sample import FloatArray

__all__ = ["draw_checks", "folded_checks"]


def draw_checks(terms: FloatArray) -> dict[str, Any]:
    """How well the draws of each event cover what the fitted density makes of it.

    Parameters
    ----------
    terms : ndarray, shape (n, k)
        Logarithm of p(x | z_k) p_theta(z_k) / q(z_k | x).

    Returns
    -------
    dict
        ``effective_draws``: quantiles over events of (sum w)^2 / sum w^2. ``draw_scan``: mean log likelihood with a quarter,
        half and all of the draws; a fit that needed more of them shows it growing.
    """
    weight = np.exp(terms - terms.max(axis=1, keepdims=True))
    effective = weight.sum(axis=1) ** 2 / np.square(weight).sum(axis=1)
    levels = (0.01, 0.1, 0.5)
    scan = {}
    for stride in (4, 2, 1):
        part = terms[:, ::stride]
        top = part.max(axis=1)
        scan[str(part.shape[1])] = float(np.mean(top + np.log(np.exp(part - top[:, None]).mean(axis=1))))
    return {
        "draws": terms.shape[1],
        "effective_draws": dict(zip(map(str, levels), np.quantile(effective, levels).tolist(), strict=True)),
        "draw_scan": scan,
    }


def folded_checks(
    names: tuple[str, ...], folded: FloatArray, folded_weight: FloatArray, data: FloatArray, weight: FloatArray
) -> dict[str, dict[str, float]]:
    """Mean and standard deviation of each measured quantity in data and in the folded fit, and their Kolmogorov distance."""
    result = {}
    for name, fit, seen in zip(names, folded.T, data.T, strict=True):
        values = {}
        for label, column, each in (("folded", fit, folded_weight), ("data", seen, weight)):
            mean = np.average(column, weights=each)
            values[f"{label}_mean"] = float(mean)
            values[f"{label}_sd"] = float(np.sqrt(np.average(np.square(column - mean), weights=each)))
        result[name] = {**values, "kolmogorov": _kolmogorov(fit, folded_weight, seen, weight)}
    return result


def _kolmogorov(a: FloatArray, weight_a: FloatArray, b: FloatArray, weight_b: FloatArray) -> float:
    """Largest difference of two weighted cumulative distributions."""
    points = np.concatenate([a, b])
    steps = np.concatenate([weight_a / weight_a.sum(), -weight_b / weight_b.sum()])
    order = np.argsort(points, kind="stable")
    # equal values are one step
    last = np.append(np.diff(points[order]) > 0, True)
    return float(np.abs(np.cumsum(steps[order])[last]).max())
