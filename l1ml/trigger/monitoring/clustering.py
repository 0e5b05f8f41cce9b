"""Whether mismatches of a seed sit together: in some bunch crossings, or in a part of the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require

__all__ = ["Clustering", "clustering"]

_TOYS = 999
_MOST_DRAWN = 2000
_EXPECTED = 5.0


@dataclass(frozen=True, slots=True)
class Clustering:
    """Outcome of one test.

    Parameters
    ----------
    p_value : float
        Chance of so uneven a spread if every firing had the same chance to mismatch; 1 where nothing can be said.
    bins : tuple of int
        The bins with most mismatches beyond their share, worst first.
    """

    p_value: float
    bins: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"p_value": self.p_value, "bins": list(self.bins)}


def clustering(
    mismatches: NDArray[np.int64], firings: NDArray[np.int64], rng: np.random.Generator, n_shown: int = 5
) -> Clustering:
    """Test mismatches against where the seed fired at all, on either side.

    Parameters
    ----------
    mismatches, firings : ndarray of int64, shape (n_bins,)
        Crossings of each bin that mismatch, and that could: a mismatch is a firing of one side.
    rng : Generator
        For the toys.
    n_shown : int
        Bins that are named.

    Notes
    -----
    Given both totals, the mismatches are a draw without replacement from the firings. Pearson's sum is compared with that of
    999 such draws; beyond 2000 mismatches with its chi-square law, bins joined until each expects five.
    """
    total, most = int(mismatches.sum()), int(firings.sum())
    if total < 2 or total == most:
        return Clustering(1.0, _worst(mismatches, firings, n_shown))
    used = np.flatnonzero(firings)
    seen, could = mismatches[used], firings[used]
    p_value = _drawn(seen, could, rng) if total <= _MOST_DRAWN else _asymptotic(seen, could)
    return Clustering(p_value, _worst(mismatches, firings, n_shown))


def _drawn(seen: NDArray[np.int64], could: NDArray[np.int64], rng: np.random.Generator) -> float:
    total, most = int(seen.sum()), int(could.sum())
    ends = np.cumsum(could)
    weight = 1.0 / could
    real = float((np.square(seen) * weight).sum())
    reached = 1
    for _ in range(_TOYS):
        places = np.searchsorted(ends, rng.choice(most, total, replace=False, shuffle=False), side="right")
        bins, counts = np.unique(places, return_counts=True)
        reached += bool((np.square(counts) * weight[bins]).sum() >= real * (1 - 1e-12))
    return reached / (_TOYS + 1)


def _asymptotic(seen: NDArray[np.int64], could: NDArray[np.int64]) -> float:
    total, most = int(seen.sum()), int(could.sum())
    group = np.floor(np.cumsum(could) * (total / most) / _EXPECTED).astype(np.int64)
    _, group = np.unique(group, return_inverse=True)
    counts, expected = np.bincount(group, seen), np.bincount(group, could) * (total / most)
    if len(counts) < 2:
        return 1.0
    # without replacement the spread is smaller than that of a multinomial
    statistic = float((np.square(counts - expected) / expected).sum()) * (most - 1) / (most - total)
    return float(require("scipy.special").chdtrc(len(counts) - 1, statistic))


def _worst(mismatches: NDArray[np.int64], firings: NDArray[np.int64], n_shown: int) -> tuple[int, ...]:
    share = mismatches.sum() / max(1, firings.sum())
    excess = mismatches - share * firings
    order = np.argsort(-excess, kind="stable")[:n_shown]
    return tuple(int(index) for index in order if mismatches[index])
