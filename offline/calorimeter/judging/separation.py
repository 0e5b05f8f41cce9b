"""Separation power of each quantity: how much its two histograms differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from offline.calorimeter.judging.samples import FloatArray, check_pair
from offline.unfolding.diagnostics.triangular import triangular

__all__ = ["separation_powers"]


def separation_powers(truth: FloatArray, generated: FloatArray, names: Sequence[str], *, bins: int = 50) -> dict[str, float]:
    """1/2 sum (h1 - h2)^2 / (h1 + h2) of each quantity, between 0 and 1 (eq. 15 of arXiv:2009.03796).

    Bins hold equally many true showers: features of empty layers pile up at one value, far from the others, which equally wide
    bins would crowd into a few. What lies beyond the truth is counted in the outer ones, so that nothing generated is left out.

    Parameters
    ----------
    truth, generated : ndarray of float64, shape (n, d) and (m, d)
        Quantities.
    names : sequence of str
        Of the d quantities.
    bins : int
        Of a quantity; fewer where values pile up.
    """
    check_pair(truth, generated)
    ones, others = np.ones(len(truth)), np.ones(len(generated))
    return {
        name: triangular(one, ones, two, others, _edges(one, bins)).value
        for name, one, two in zip(names, truth.T, generated.T, strict=True)
    }


def _edges(truth: FloatArray, bins: int) -> FloatArray:
    """Quantiles that differ; two around the value of a constant."""
    edges = np.unique(np.quantile(truth, np.linspace(0, 1, bins + 1)))
    return edges if len(edges) > 1 else np.array([edges[0] - 0.5, edges[0] + 0.5])
