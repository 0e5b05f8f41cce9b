"""Separation power of each quantity: how much its two histograms differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from offline.calorimeter.judging.samples import FloatArray, check_pair
from offline.unfolding.diagnostics.triangular import bins_for, triangular

__all__ = ["separation_powers"]


def separation_powers(truth: FloatArray, generated: FloatArray, names: Sequence[str], *, bins: int = 50) -> dict[str, float]:
    """1/2 sum (h1 - h2)^2 / (h1 + h2) of each quantity, between 0 and 1 (eq. 15 of arXiv:2009.03796).

    It is the triangular discriminator of `offline.unfolding`, with its bins: equally wide between the outer thousandths of the
    truth, what lies beyond in the outer ones, so that nothing generated is left out.

    Parameters
    ----------
    truth, generated : ndarray of float64, shape (n, d) and (m, d)
        Quantities.
    names : sequence of str
        Of the d quantities.
    bins : int
        Most bins of a quantity.
    """
    check_pair(truth, generated)
    ones, others = np.ones(len(truth)), np.ones(len(generated))
    return {
        name: triangular(one, ones, two, others, bins_for(one, ones, bins)).value
        for name, one, two in zip(names, truth.T, generated.T, strict=True)
    }
