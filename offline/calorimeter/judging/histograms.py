"""Histograms of single quantities, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offline.calorimeter.judging.samples import FloatArray
from offline.unfolding.diagnostics.triangular import bins_for

__all__ = ["Compared", "compared"]


@dataclass(frozen=True, eq=False, slots=True)
class Compared:
    """Counts of one quantity.

    Parameters
    ----------
    name : str
        The quantity.
    edges : ndarray of float64, shape (k + 1,)
        Bins; what is outside is counted in the outer ones.
    truth, generated : ndarray of int64, shape (k,)
        Showers.
    """

    name: str
    edges: FloatArray
    truth: NDArray[np.int64]
    generated: NDArray[np.int64]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        arrays = {name: getattr(self, name).tolist() for name in ("edges", "truth", "generated")}
        return {"name": self.name, **arrays}


def compared(name: str, truth: FloatArray, generated: FloatArray, bins: int = 40) -> Compared:
    """Histograms of a quantity, shapes (n,) and (m,), in bins of one width that suit the truth.

    Where much of it has the smallest value, as empty layers have, the bins are those of the rest.
    """
    spread = truth[truth > truth.min()]
    chosen = spread if 0.01 < 1 - len(spread) / len(truth) < 0.9 else truth
    edges = bins_for(chosen, np.ones(len(chosen)), bins)
    return Compared(name, edges, *(np.histogram(np.clip(side, edges[0], edges[-1]), edges)[0] for side in (truth, generated)))
