"""Whether mismatches of a seed sit together: in some bunch crossings, or in a part of the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require

__all__ = ["Clustering", "clustering"]

_WIDTHS = (1, 4, 16, 64, 256)
"""Bins that are looked at as one: a bad bunch is narrow, a bad train or an hour is wide."""

_TOYS = 999
_MOST_DRAWN = 2000
_EXPECTED = 5.0


@dataclass(frozen=True, slots=True)
class Clustering:
    """Outcome of one test.

    Parameters
    ----------
    p_value : float
        Chance of so uneven a spread at any width if every firing had the same chance to mismatch; 1 where nothing can be said.
    width : int
        Width, in bins, at which the spread is most uneven.
    starts : tuple of int
        First bin of the stretches of that width with most mismatches beyond their share, worst first.
    """

    p_value: float
    width: int = 1
    starts: tuple[int, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"p_value": self.p_value, "width": self.width, "starts": list(self.starts)}


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
        Stretches that are named.

    Notes
    -----
    Given both totals, the mismatches are a draw without replacement from the firings. Pearson's sum, over stretches of each of
    five widths, is compared with that of 999 such draws, and the smallest p-value of all widths with that of each draw. Beyond
    2000 mismatches chi-square laws take the place of draws (stretches joined until each expects five), and the smallest p-value
    is multiplied with the number of widths.
    """
    total, most = int(mismatches.sum()), int(firings.sum())
    widths = [width for width in _WIDTHS if width == 1 or width < len(firings)]
    if total < 2 or total == most:
        return Clustering(1.0, 1, _worst(mismatches, firings, 1, n_shown))
    joined = [(_stretches(mismatches, width), _stretches(firings, width)) for width in widths]
    if total <= _MOST_DRAWN:
        p_value, best = _drawn(firings, joined, widths, total, rng)
    else:
        each = [_asymptotic(seen, could, total, most) for seen, could in joined]
        best = int(np.argmin(each))
        p_value = min(1.0, len(widths) * each[best])
    return Clustering(p_value, widths[best], _worst(*joined[best], widths[best], n_shown))


def _stretches(counts: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    return np.asarray(np.add.reduceat(counts, np.arange(0, len(counts), width)))


def _drawn(
    firings: NDArray[np.int64],
    joined: list[tuple[NDArray[np.int64], NDArray[np.int64]]],
    widths: list[int],
    total: int,
    rng: np.random.Generator,
) -> tuple[float, int]:
    """P-value over all widths, and the place of the width with the smallest."""
    ends, most = np.cumsum(firings), int(firings.sum())
    weights = [1.0 / np.maximum(could, 1) for _, could in joined]
    sums = np.empty((_TOYS + 1, len(widths)))
    sums[0] = [(np.square(seen) * weight).sum() for (seen, _), weight in zip(joined, weights, strict=True)]
    for toy in range(1, _TOYS + 1):
        bins = np.searchsorted(ends, rng.choice(most, total, replace=False, shuffle=False), side="right")
        for place, (width, weight) in enumerate(zip(widths, weights, strict=True)):
            found, counts = np.unique(bins // width, return_counts=True)
            sums[toy, place] = (np.square(counts) * weight[found]).sum()
    # the same counts in another order of summation are the same
    ordered = np.sort(np.round(sums, 9), axis=0)
    p_values = np.stack(
        [_share_reaching(column, np.round(own, 9)) for column, own in zip(ordered.T, sums.T, strict=True)], axis=1
    )
    smallest = p_values.min(axis=1)
    return float((smallest <= smallest[0]).mean()), int(np.argmin(p_values[0]))


def _share_reaching(ordered: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.0 - np.searchsorted(ordered, values, side="left") / len(ordered))


def _asymptotic(seen: NDArray[np.int64], could: NDArray[np.int64], total: int, most: int) -> float:
    group = np.floor(np.cumsum(could) * (total / most) / _EXPECTED).astype(np.int64)
    _, group = np.unique(group, return_inverse=True)
    counts, expected = np.bincount(group, seen), np.bincount(group, could) * (total / most)
    if len(counts) < 2:
        return 1.0
    # without replacement the spread is smaller than that of a multinomial
    statistic = float((np.square(counts - expected) / np.maximum(expected, 1e-9)).sum()) * (most - 1) / (most - total)
    return float(require("scipy.special").chdtrc(len(counts) - 1, statistic))


def _worst(mismatches: NDArray[np.int64], firings: NDArray[np.int64], width: int, n_shown: int) -> tuple[int, ...]:
    share = mismatches.sum() / max(1, firings.sum())
    excess = mismatches - share * firings
    order = np.argsort(-excess, kind="stable")[:n_shown]
    return tuple(int(index) * width for index in order if mismatches[index])
