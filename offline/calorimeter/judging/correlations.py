"""How differently the quantities of two samples hang together."""

from __future__ import annotations

import numpy as np

from offline.calorimeter.judging.samples import FloatArray, check_pair

__all__ = ["correlation_difference", "correlations"]


def correlations(values: FloatArray) -> FloatArray:
    """Pearson's, shape (d, d), of `values`, shape (n, d); a constant quantity has none, which counts as zero."""
    away = values - values.mean(axis=0)
    width = np.sqrt(np.square(away).sum(axis=0))
    varies = width > 1e-12 * len(values) ** 0.5 * np.abs(values).max(axis=0)
    scaled = np.divide(away, width, out=np.zeros_like(away), where=varies)
    return np.asarray(scaled.T @ scaled)


def correlation_difference(truth: FloatArray, generated: FloatArray) -> dict[str, float]:
    """Root mean square and largest difference of the correlations of pairs of different quantities.

    Parameters
    ----------
    truth, generated : ndarray of float64, shape (n, d) and (m, d)
        Quantities, two at least.
    """
    check_pair(truth, generated)
    pairs = np.triu_indices(truth.shape[1], 1)
    away = (correlations(generated) - correlations(truth))[pairs]
    return {"rms": float(np.sqrt(np.mean(away**2))), "largest": float(np.abs(away).max())} if away.size else {}
