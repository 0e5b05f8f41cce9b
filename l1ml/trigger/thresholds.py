"""Thresholds of a score for a given zero-bias rate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError, nearest
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.conditions.score_conditions import Scores, score_words
from l1ml.trigger.evaluation import Evaluator
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.object_score import object_score
from l1ml.trigger.menus.requirements import Cut, Window
from l1ml.trigger.object_thresholds import object_threshold, wanted_of_objects

__all__ = ["near_threshold", "resolve_thresholds", "target_rates", "threshold_at_rate"]

_NEAR = 2.0
"""Crossings up to this many times the rate say what one of them may weigh."""


def threshold_at_rate(scores: NDArray[np.int64], weights: NDArray[np.float64], rate_khz: float, crossing_rate_khz: float) -> int:
    """Smallest score word whose zero-bias rate is at most `rate_khz`.

    Parameters
    ----------
    scores : ndarray of int64, shape (n,)
        Score words of zero-bias crossings.
    weights : ndarray of float64, shape (n,)
        Their weights, not negative.
    rate_khz : float
        Rate to stay at or below, positive.
    crossing_rate_khz : float
        Rate of all crossings.

    Returns
    -------
    int
        Word t such that ``score >= t`` has a rate of at most `rate_khz` while ``score >= t - 1`` has more.  All crossings
        of one word pass or fail together, so the rate may lie well below the target when words repeat; when even the
        largest word seen is too frequent, t is one above it and nothing in the sample passes (its rate is then quoted as
        an upper limit).

    Raises
    ------
    ConfigError
        If the target is not positive.
    DataError
        If there are no crossings, or scores and weights differ in shape.

    Examples
    --------
    >>> threshold_at_rate(np.array([1, 5, 5, 9]), np.ones(4), 25.0, 100.0)
    6
    """
    if not rate_khz > 0:
        msg = f"rate_khz must be positive, received {rate_khz!r}"
        raise ConfigError(msg)
    if scores.size == 0 or scores.shape != weights.shape:
        msg = f"a threshold needs one weight for each score, received shapes {scores.shape} and {weights.shape}"
        raise DataError(msg)
    words, inverse = np.unique(scores, return_inverse=True)
    at_or_above = np.cumsum(np.bincount(inverse, weights)[::-1])[::-1]
    too_many = np.flatnonzero(at_or_above / at_or_above[0] * crossing_rate_khz > rate_khz)
    return int(words[too_many[-1]]) + 1 if too_many.size else int(words[0])


def near_threshold(
    scores: NDArray[np.int64], weights: NDArray[np.float64], rate_khz: float, crossing_rate_khz: float
) -> NDArray[np.bool_]:
    """Crossings at or above the threshold of twice `rate_khz`, shape (n,); for the other parameters see `threshold_at_rate`."""
    return np.asarray(scores >= threshold_at_rate(scores, weights, _NEAR * rate_khz, crossing_rate_khz))


def resolve_thresholds(
    menu: Menu,
    scores: Scores,
    weight: NDArray[np.float64],
    digests: Mapping[str, str],
    columns: Columns | None = None,
) -> Menu:
    """The same menu with every threshold that stands beside a target rate derived for it.

    Parameters
    ----------
    menu : Menu
        Its score cuts with a ``rate_khz`` are derived anew; those without are kept.
    scores : mapping of str to ndarray of integers, shape (n,) or, of objects, (n, slots)
        Score words of zero-bias crossings for each score that the menu cuts on.
    weight : ndarray of float64, shape (n,)
        Weights of the crossings.
    digests : mapping of str to str
        Digest of the model behind each network; the menu keeps those of the thresholds that were derived.
    columns : Columns, optional
        The crossings, for thresholds on scores of objects: their rate is that of the condition that they stand in.

    Raises
    ------
    ConfigError
        If a network has no model here, one cut is asked of two scores or conditions, or the crossings are needed.
    DataError
        If a score is absent or of the wrong shape.
    """
    of_crossings, of_objects = _wanted(menu), wanted_of_objects(menu)
    cuts = dict(menu.definitions.object_cuts)
    networks = dict(menu.networks)
    for name, network in _networks_of_derived(menu).items():
        if network not in digests:
            msg = f"the cut {name!r} needs a model for the network {network!r}; {nearest(network, digests)}"
            raise ConfigError(msg)
        if network not in networks or network not in _with_fixed_thresholds(menu):
            networks[network] = digests[network]
    for name, score in of_crossings.items():
        words = score_words(score, scores, weight.size)
        threshold = threshold_at_rate(words, weight, cuts[name].rate_khz or 0.0, menu.rates.khz)
        cuts[name] = replace(cuts[name], window=Window(threshold))
    for name, condition in of_objects.items():
        if columns is None:
            msg = f"the threshold of {name!r} is that of a rate of {condition}: give the crossings (l1ml menu thresholds)"
            raise ConfigError(msg)
        threshold = object_threshold(menu.conditions[condition], name, Evaluator(menu, columns, scores), weight)
        cuts[name] = replace(cuts[name], window=Window(threshold))
    resolved = menu.with_definitions(replace(menu.definitions, object_cuts=cuts), networks)
    resolved.check_networks(digests)
    return resolved


def target_rates(menu: Menu) -> tuple[float, ...]:
    """Rates in kHz that thresholds of `menu` are derived for, each once, the smallest first."""
    return tuple(sorted({cut.rate_khz for cut, _ in _score_cuts(menu) if cut.rate_khz is not None}))


def _networks_of_derived(menu: Menu) -> dict[str, str]:
    """Network of each cut that has a target rate."""
    return {cut.name: network for cut, network in _score_cuts(menu) if cut.rate_khz is not None}


def _with_fixed_thresholds(menu: Menu) -> set[str]:
    """Networks with a threshold that is not derived: it belongs to the digest that the menu states."""
    return {network for cut, network in _score_cuts(menu) if cut.rate_khz is None}


def _score_cuts(menu: Menu) -> Iterator[tuple[Cut, str]]:
    """Every cut on a score, of crossings or objects, with its network."""
    for condition in menu.conditions.values():
        for item in condition.objects:
            for cut in item.of_kind("score"):
                yield cut, condition.network or object_score(item, cut).network


def _wanted(menu: Menu) -> dict[str, str]:
    """Score of each cut that has a target rate."""
    wanted: dict[str, str] = {}
    for condition in menu.conditions.values():
        for cut in condition.score_cuts:
            if cut.rate_khz is None or condition.network is None:
                continue
            score = condition.score_of(cut)
            if wanted.setdefault(cut.name, score) != score:
                both = f"{wanted[cut.name]!r} and {score!r}"
                msg = f"the cut {cut.name!r} has one threshold, and stands on two scores, {both}"
                raise ConfigError(msg)
    return wanted
