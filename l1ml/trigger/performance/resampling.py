"""Errors from other draws: each generated collision counts as often as a Poisson number says.

What two networks find on the same crossings differs by less than their errors, because they share them: with the same numbers for
both, the difference in each draw has the error of a difference (B. Efron, Ann. Statist. 7 (1979) 1; Poisson numbers as in
N. Oza and S. Russell, AISTATS 2001).  Thresholds are derived anew in each draw, so that finite zero bias is part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.performance.resolution import RateResolutionError, resolved_threshold
from l1ml.trigger.performance.scored import ScoredSample
from l1ml.trigger.rates.sample import WeightedSample

__all__ = ["DRAWS", "Resampled", "resampled_areas", "resampled_efficiencies", "resampled_share"]

DRAWS = 200
"""Of the numbers for each collision; an error is then known to 5 %."""

_ANY_CROSSING = 1e-9
"""Effective crossings that a rate needs here."""


@dataclass(frozen=True, slots=True)
class Resampled:
    """A figure, and what it is in each of the draws; figures of the same crossings and draws can be compared.

    Parameters
    ----------
    value : float
        Of the sample as it is.
    draws : tuple of float
        Of the others.
    """

    value: float
    draws: tuple[float, ...]

    @property
    def error(self) -> float:
        """Standard deviation of the draws."""
        return float(np.std(self.draws, ddof=1))

    def minus(self, other: Resampled) -> Resampled:
        """The difference, in each draw.

        Raises
        ------
        DataError
            If the other one has another number of draws.
        """
        if len(self.draws) != len(other.draws):
            msg = f"a difference needs the same draws, received {len(self.draws)} and {len(other.draws)}; measure both again"
            raise DataError(msg)
        return Resampled(self.value - other.value, tuple(a - b for a, b in zip(self.draws, other.draws, strict=True)))


def resampled_efficiencies(
    samples: Mapping[str, ScoredSample],
    background: str,
    rate_khz: float,
    crossing_rate_khz: float,
    *,
    n: int = DRAWS,
    seed: int = 1,
) -> dict[str, Resampled]:
    """Efficiency of each signal at the threshold that has `rate_khz` of background.

    Parameters
    ----------
    samples : mapping of str to ScoredSample
        Crossings of each process.
    background : str
        Which of them is the background; all others are signals.
    rate_khz, crossing_rate_khz : float
        Rate to stay at or below; rate of all crossings.
    n, seed : int
        Draws, at least two, and what they begin with: equal ones give equal numbers to equal collisions.

    Raises
    ------
    RateResolutionError
        If no crossing reaches a threshold of such a rate.
    """
    zero_bias = samples[background]
    _require_resolved(zero_bias, rate_khz, crossing_rate_khz)
    values, place = np.unique(zero_bias.words, return_inverse=True)
    below = {name: np.searchsorted(values, item.words, side="left") for name, item in _signals(samples, background).items()}
    found: dict[str, list[float]] = {name: [] for name in below}
    for weights in _weights(samples, n, seed):
        at_or_above = np.cumsum(np.bincount(place, weights[background])[::-1])[::-1]
        too_many = np.flatnonzero(at_or_above / at_or_above[0] * crossing_rate_khz > rate_khz)
        # a crossing passes if a word too frequent is below its own
        last = int(too_many[-1]) if too_many.size else -1
        for name, n_below in below.items():
            found[name].append(float(np.average(n_below > last, weights=weights[name])))
    return _of(found)


def _require_resolved(zero_bias: ScoredSample, rate_khz: float, crossing_rate_khz: float) -> None:
    """Refuse a rate that no crossing has; what few crossings are worth stands in the error."""
    try:
        resolved_threshold(zero_bias.words, zero_bias.sample, rate_khz, crossing_rate_khz, min_effective=_ANY_CROSSING)
    except RateResolutionError:
        # asked for as many as usual, it says how many would be enough
        resolved_threshold(zero_bias.words, zero_bias.sample, rate_khz, crossing_rate_khz)
        raise


def resampled_areas(
    samples: Mapping[str, ScoredSample], background: str, *, n: int = DRAWS, seed: int = 1
) -> dict[str, Resampled]:
    """Area under the ROC curve of each signal, ties counted one half; for the parameters see `resampled_efficiencies`."""
    values, place = np.unique(samples[background].words, return_inverse=True)
    sides = {
        name: (np.searchsorted(values, item.words, side="left"), np.searchsorted(values, item.words, side="right"))
        for name, item in _signals(samples, background).items()
    }
    found: dict[str, list[float]] = {name: [] for name in sides}
    for weights in _weights(samples, n, seed):
        up_to = np.concatenate([[0.0], np.cumsum(np.bincount(place, weights[background]))])
        for name, (left, right) in sides.items():
            share = (up_to[left] + up_to[right]) / (2.0 * up_to[-1])
            found[name].append(float(np.average(share, weights=weights[name])))
    return _of(found)


def resampled_share(passes: NDArray[np.bool_], sample: WeightedSample, *, n: int = DRAWS, seed: int = 1) -> Resampled:
    """Weighted share of a `sample` that `passes`, shape (n,)."""
    drawn = _multiplicities("", sample, n, seed)
    weights = (sample.weight, *(sample.weight * times for times in drawn))
    value, *draws = (float(np.average(passes, weights=item)) for item in weights)
    return Resampled(value, tuple(draws))


def _signals(samples: Mapping[str, ScoredSample], background: str) -> dict[str, ScoredSample]:
    return {name: item for name, item in samples.items() if name != background}


def _weights(samples: Mapping[str, ScoredSample], n: int, seed: int) -> Iterator[dict[str, NDArray[np.float64]]]:
    """Weights of all crossings, first as they are, then in each draw."""
    yield {name: item.sample.weight for name, item in samples.items()}
    drawn = {name: _multiplicities(name, item.sample, n, seed) for name, item in samples.items()}
    for _ in range(n):
        yield {name: item.sample.weight * next(drawn[name]) for name, item in samples.items()}


def _multiplicities(name: str, sample: WeightedSample, n: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """How often each crossing counts in each draw; copies of a collision alike, other processes independently."""
    if n < 2:
        msg = f"a standard deviation needs two draws or more, received {n}"
        raise ConfigError(msg)
    rng = np.random.default_rng([seed, *name.encode()])
    for _ in range(n):
        yield rng.poisson(1.0, sample.n_draws)[sample.draw]


def _of(found: Mapping[str, list[float]]) -> dict[str, Resampled]:
    return {name: Resampled(values[0], tuple(values[1:])) for name, values in found.items()}
