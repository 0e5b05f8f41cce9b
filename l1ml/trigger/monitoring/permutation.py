"""Whether two samples of blocks differ, for many quantities at once: permutations, and one error rate for all of them.

Every quantity is a group of columns (the bins of a histogram, or one rate). Its statistic is chi-square like: the sum over
columns of the squared difference between a sample's sum and what its share of all blocks would be, over the variance of that
sum when blocks are dealt out at random. Variances come from the blocks themselves, so weights, several objects of one crossing
and rates that wander within a file are in them; p-values come from permuting the blocks and need no asymptotic law.

False alarms are controlled over the whole family by a step-down of Westfall and Young ("Resampling-based multiple testing",
Wiley 1993, chapter 2): the chance of one alarm or more, of any quantity, is at most what was asked for if nothing drifts. What
is stepped down is a tail probability of each statistic by the gamma law with the mean and variance that it has in the
permutations: a common scale for histograms of one bin and of a hundred. Where that law is poor, power is lost, never control:
it is compared with itself in the permutations. Holm's procedure promises the same from each p-value alone: with 500 quantities
it needs p-values below 2e-5 and so ten times the permutations, and it pays for histograms of the same objects as if they were
independent. Benjamini and Hochberg promise less, a small share of false ones among the alarms; someone is called at night by
the first one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.errors import DataError

__all__ = ["FEWEST_BLOCKS", "Tested", "merged_columns", "permutation_test"]

_AT_ONCE = 256
FEWEST_BLOCKS = 8
"""Blocks that each sample needs: with 8 and 8 there are 12870 ways to deal them out."""

_ENTRIES_PER_BIN = 16.0
"""Entries of both samples together that a bin needs: what has fewer is joined with its neighbours."""


@dataclass(frozen=True, eq=False, slots=True)
class Tested:
    """Outcome for each quantity.

    Parameters
    ----------
    statistic, p_value, adjusted : ndarray of float64, shape (n_quantities,)
        The statistic, its own p-value, and that of the whole family.
    degrees : ndarray of int64, shape (n_quantities,)
        Columns that differ between blocks at all.
    n_permutations : int
        What the p-values were counted in.
    """

    statistic: NDArray[np.float64]
    p_value: NDArray[np.float64]
    adjusted: NDArray[np.float64]
    degrees: NDArray[np.int64]
    n_permutations: int


def merged_columns(entries: NDArray[np.float64]) -> NDArray[np.int64]:
    """Neighbouring bins of a distribution joined until there are entries enough in each: first old bin of each new one.

    Parameters
    ----------
    entries : ndarray of float64, shape (n_bins,)
        Entries of both samples together: what does not depend on who has them may choose the bins.

    Examples
    --------
    >>> merged_columns(np.array([3.0, 14.0, 20.0, 16.0, 2.0]))
    array([0, 2, 3])
    """
    behind = np.cumsum(entries[::-1])[::-1]
    firsts, held = [0], 0.0
    for column, n in enumerate(entries.tolist()):
        if held >= _ENTRIES_PER_BIN and behind[column] >= _ENTRIES_PER_BIN:
            firsts.append(column)
            held = 0.0
        held += n
    return np.array(firsts, dtype=np.int64)


def permutation_test(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    starts: Sequence[int] | NDArray[np.int64],
    rng: np.random.Generator,
    n_permutations: int = 4999,
) -> Tested:
    """Whether the blocks of two samples are of one kind.

    Parameters
    ----------
    first, second : ndarray of float64, shape (n_blocks, n_columns)
        Sums over blocks of equally many crossings.
    starts : sequence of int
        First column of each quantity.
    rng : Generator
        For the permutations.
    n_permutations : int
        How many.

    Raises
    ------
    DataError
        If a sample has too few blocks.
    """
    if min(len(first), len(second)) < FEWEST_BLOCKS:
        msg = f"a test needs {FEWEST_BLOCKS} blocks of crossings of each sample, received {len(first)} and {len(second)}"
        raise DataError(msg)
    both = np.concatenate([first, second])
    both = both - both.mean(axis=0)
    n, k = len(both), len(first)
    variance = np.square(both).sum(axis=0) * (k * (n - k) / (n * (n - 1)))
    live = variance > 1e-12 * max(1.0, float(variance.max(initial=0.0)))
    scaled = np.where(live, both / np.sqrt(np.where(live, variance, 1.0)), 0.0)
    firsts = np.asarray(starts, dtype=np.int64)
    real = _statistics(scaled[:k].sum(axis=0, keepdims=True), firsts)[0]
    drawn = np.concatenate([_permuted(scaled, k, firsts, rng, size) for size in _portions(n_permutations)])
    # sums of the same numbers in another order differ in their last bits: ties must stay ties
    everything = np.concatenate([real[None], drawn]).astype(np.float32).astype(np.float64)
    degrees = np.add.reduceat(live.astype(np.int64), firsts)
    p_values = (everything >= everything[0]).mean(axis=0)
    return Tested(real, p_values, _step_down(_tails(everything)), degrees, n_permutations)


def _portions(n: int) -> list[int]:
    return [min(_AT_ONCE, n - start) for start in range(0, n, _AT_ONCE)]


def _permuted(
    scaled: NDArray[np.float64], k: int, starts: NDArray[np.int64], rng: np.random.Generator, n: int
) -> NDArray[np.float64]:
    """Statistics of `n` random choices of `k` blocks, shape (n, n_quantities)."""
    chosen = np.argpartition(rng.random((n, len(scaled))), k, axis=1)[:, :k]
    picks = np.zeros((n, len(scaled)))
    np.put_along_axis(picks, chosen, 1.0, axis=1)
    return _statistics(picks @ scaled, starts)


def _statistics(sums: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(np.add.reduceat(np.square(sums), starts, axis=1))


def _tails(statistics: NDArray[np.float64]) -> NDArray[np.float64]:
    """Nominal tail probability of every statistic, column by column; one where a quantity never varies."""
    mean, variance = statistics.mean(axis=0), statistics.var(axis=0)
    lives = variance > 0
    shape, scale = (np.divide(a, b, out=np.ones_like(mean), where=lives) for a, b in ((mean**2, variance), (variance, mean)))
    return np.where(lives, require("scipy.special").gammaincc(shape, statistics / scale), 1.0)


def _step_down(tails: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjusted p-values of the first row, which is the real one."""
    order = np.argsort(tails[0], kind="stable")
    smallest = np.minimum.accumulate(tails[:, order[::-1]], axis=1)[:, ::-1]
    adjusted = np.empty(len(order))
    adjusted[order] = np.maximum.accumulate((smallest <= tails[0, order]).mean(axis=0))
    return adjusted
