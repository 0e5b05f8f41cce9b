"""Two independent scores of two reconstruction errors, by tables: how rare their sum is, and which of both has more of it.

Where a crossing is stranger in both ways than a pair of equally rare thresholds, it shall be stranger by the sum of both errors
than one threshold: nothing of what the sum knows is lost. With u1 and u2 independent and uniform, -log(1 - u1) and -log(1 - u2)
are two exponential variables of rate one. Their smaller one is exponential of rate two; what the larger one has above it is
exponential of rate one, and independent of it; which of the two is the larger is a toss of a coin, independent of both (lack of
memory). Backwards: let the smaller score be t = -log(1 - F(s)) / 2, with F the distribution of the sum s of both errors, and let
one of both be larger by d, which is read off the ratio of both errors so that its distribution is the same at every sum: its
quantiles given t are flattened, as those of decorrelated taggers are (arXiv:1603.00027).

All is integer: words of errors on a grid that becomes coarser with them, tables of those, comparisons with tables of t.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import TrainingError
from l1ml.training.double.sharing_config import SharingConfig

__all__ = ["ENTRIES", "LOGARITHM_BITS", "SEGMENTS", "SharingTables"]

SEGMENTS = ((0, 0), (256, 0), (512, 1), (1024, 2))
"""Where each stretch of the errors begins, and by how many bits its words are shifted: 0.4 % of an error or less from 256 on."""

ENTRIES = 256
"""Words of each stretch."""

LOGARITHM_BITS = 7
"""Bits behind the point of the binary logarithm of an error."""

_MOST_STRATA = 64
_SATURATED = 0.0025
"""Share of the crossings whose sum may lie beyond the last word: half of the smallest background efficiency."""
_SETTLING = 3
"""Rounds: closure of 406,623 crossings (rms of 40 efficiencies) is 0.9 % from one before, 0.35 after one, 0.30 from here on."""
_FEWEST = 100
"""Crossings of a stratum that say anything about its quantiles."""
_REACHED = np.array([start + (np.arange(ENTRIES) << shift) for start, shift in SEGMENTS])
"""Word of each entry (4, 256): 255 is the last one of the first stretch, 511, 1022 and 2044 those of the others."""

Words = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SharingTables:
    """Integer tables from the words of two errors to those of two scores.

    Parameters
    ----------
    shift : int
        By how many bits the words of the errors are shifted down before all else.
    rarity : ndarray of int64, shape (4, 256)
        What each stretch of the sum adds to its rarity -log(share of the crossings of no smaller sum) / 2.
    logarithm : ndarray of int64, shape (4, 256)
        What each stretch of an error adds to its binary logarithm.
    quantiles : ndarray of int64, shape (2, levels, 64)
        For each stratum of the rarity the difference of both logarithms at which the first score, and with the other sign the
        second one, is higher by a level.
    config : SharingConfig
        Sizes.
    """

    shift: int
    rarity: Words
    logarithm: Words
    quantiles: Words
    config: SharingConfig

    @classmethod
    def fit(cls, errors: Words, weight: Floats, config: SharingConfig) -> Self:
        """Tables after which the scores of these crossings are independent.

        They know it no better than the crossings do: the share of them above a sum has a statistical error, and so has the
        closure of crossings that are not among them.

        Parameters
        ----------
        errors : ndarray of int64, shape (n, 2)
            Words of both errors, not negative.
        weight : ndarray of float64, shape (n,)
            Natural weights, positive.

        Raises
        ------
        TrainingError
            If no stratum of the rarity has a hundred crossings.

        Examples
        --------
        >>> errors = np.random.default_rng(1).lognormal(3.0, 1.0, (50_000, 2)).astype(np.int64)
        >>> tables = SharingTables.fit(errors, np.ones(50_000), SharingConfig())
        >>> scores = tables.scores(errors)
        >>> strange = scores >= np.quantile(scores, 0.9, axis=0)
        >>> bool(abs(strange.all(axis=1).mean() - strange[:, 0].mean() * strange[:, 1].mean()) < 0.0005)
        True
        """
        shift = _shift(errors.sum(axis=1), weight)
        logarithm = np.rint(np.log2(_REACHED + 1.0) * 2**LOGARITHM_BITS).astype(np.int64)
        share = _shares(_shifted(errors.sum(axis=1), shift), weight)
        rarity = _rises(_words(-0.5 * np.log(share) * 2**config.rarity_bits))
        empty = np.zeros((2, config.levels, _MOST_STRATA), np.int64)
        tables = cls(shift, rarity, _rises(logarithm), empty, config)._flattened(errors, weight)
        for _ in range(_SETTLING):
            settled = _rises(_words(_settled(share, tables.scores(errors), weight)))
            tables = replace(tables, rarity=settled)._flattened(errors, weight)
        return tables

    def _flattened(self, errors: Words, weight: Floats) -> Self:
        """The same with the quantiles of these crossings."""
        stratum, difference = self._stratum(self._rarities(errors)), self._differences(errors)
        found = [_quantiles(stratum, sign * difference, weight, self.config) for sign in (1, -1)]
        return replace(self, quantiles=np.stack(found))

    def scores(self, errors: Words) -> Words:
        """Words (n, 2) of the scores, with `rarity_bits` behind the point, of the words `errors` (n, 2)."""
        rarity, difference = self._rarities(errors), self._differences(errors)
        stratum = self._stratum(rarity)
        above = [
            sum((sign * difference >= levels[stratum]).astype(np.int64) for levels in quantiles)
            for sign, quantiles in zip((1, -1), self.quantiles, strict=True)
        ]
        level = round(self.config.level * 2**self.config.rarity_bits)
        return np.stack([rarity + level * np.asarray(item) for item in above], axis=1)

    def _rarities(self, errors: Words) -> Words:
        return _looked_up(self.rarity, _shifted(errors.sum(axis=1), self.shift))

    def _differences(self, errors: Words) -> Words:
        one, other = (_looked_up(self.logarithm, _shifted(column, self.shift)) for column in errors.T)
        return one - other

    def _stratum(self, rarity: Words) -> Words:
        coarse = np.rint(rarity * 2.0 ** (self.config.strata_bits - self.config.rarity_bits))
        return np.asarray(np.minimum(coarse, _MOST_STRATA - 1), np.int64)


def _shift(total: Words, weight: Floats) -> int:
    """Fewest bits to cut off after which hardly any sum lies beyond the last word."""
    order = np.argsort(total)
    place = np.searchsorted(np.cumsum(weight[order]), (1 - _SATURATED) * weight.sum())
    largest = int(total[order[min(place, len(total) - 1)]])
    return max(0, (largest // int(_REACHED.max())).bit_length())


def _shifted(words: Words, shift: int) -> Floats:
    """Not rounded: that is done once, to the grid of each stretch."""
    return np.asarray(words * 2.0**-shift)


def _entries(words: Floats) -> Words:
    """Entry (3, n) of each stretch at which `words` (n,) are looked up."""
    parts = [np.rint((words - start) * 2.0**-shift) for start, shift in SEGMENTS]
    return np.clip(parts, 0, ENTRIES - 1).astype(np.int64)


def _looked_up(table: Words, words: Floats) -> Words:
    return np.asarray(np.take_along_axis(table, _entries(words), axis=1).sum(axis=0))


def _rises(values: Words) -> Words:
    """From values at the words of all stretches, (4, 256), to what each stretch adds."""
    rises = values.copy()
    rises[1:] -= values[:-1, -1:]
    rises[1:, 0] = 0
    return rises


def _shares(total: Floats, weight: Floats) -> Floats:
    """Share of the weight (n,) above the middle of what has each sum of entries, n = 4 * 255 + 1; never zero."""
    share = np.bincount(_entries(total).sum(axis=0), weight, minlength=len(SEGMENTS) * (ENTRIES - 1) + 1) / weight.sum()
    from_here = np.cumsum(share[::-1])[::-1]
    return np.asarray(np.maximum(from_here - 0.5 * share, 0.5 * share[share > 0].min()))


def _words(rarity: Floats) -> Words:
    """Words (4, 256) of a rarity of each sum of entries."""
    stretch = np.arange(len(SEGMENTS))[:, None] * (ENTRIES - 1)
    return np.asarray(np.rint(rarity)[stretch + np.arange(ENTRIES)], np.int64)


def _settled(share: Floats, scores: Words, weight: Floats) -> Floats:
    """Words, not rounded, at which a crossing is as rare as both scores together say, where -log(share) / 2 would be exact.

    Words are whole numbers, and levels lie apart: the scores are not quite exponential. Both pass a threshold as often as
    independent scores do where the smaller one passes it with the product of both probabilities.
    """
    passed = [np.cumsum(np.bincount(column, weight)[::-1])[::-1] / weight.sum() for column in scores.T]
    n = min(map(len, passed))
    both = passed[0][:n] * passed[1][:n]
    # half of what shares a word lies above it, as in `_shares`
    return np.asarray(np.maximum(np.interp(-np.log(share), -np.log(both), np.arange(n) - 0.5), 0.0))


def _quantiles(stratum: Words, difference: Words, weight: Floats, config: SharingConfig) -> Words:
    """Per level and stratum the difference that the share exp(-x) / 2 of the weight reaches, x in the middle of two levels.

    Raises
    ------
    TrainingError
        If no stratum has a hundred crossings.
    """
    wanted = 0.5 * np.exp(-(np.arange(config.levels) + 0.5) * config.level)
    found = np.full((config.levels, _MOST_STRATA), -1)
    known = [index for index in range(_MOST_STRATA) if (stratum == index).sum() >= _FEWEST]
    if not known:
        msg = f"{len(stratum)} crossings: no stratum of the rarity has {_FEWEST} of them; generate more events"
        raise TrainingError(msg)
    for index in known:
        of_it = stratum == index
        values, place = np.unique(difference[of_it], return_inverse=True)
        reached = np.cumsum(np.bincount(place, weight[of_it])[::-1])[::-1] / weight[of_it].sum()
        found[:, index] = np.append(values, values[-1] + 1)[np.abs(np.append(reached, 0.0) - wanted[:, None]).argmin(axis=1)]
    nearest = np.abs(np.arange(_MOST_STRATA)[:, None] - np.array(known)).argmin(axis=1)
    return np.asarray(found[:, np.array(known)[nearest]])
