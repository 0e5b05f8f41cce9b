"""The menu: the list of algorithms that decides which crossings are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.errors import ConfigError, DataError, nearest
from l1ml.trigger.algorithm import Algorithm
from l1ml.trigger.condition import ScoreCondition, ScoreTarget, score_words
from l1ml.trigger.decisions import Decisions, apply_prescale
from l1ml.trigger.thresholds import threshold_at_rate

__all__ = ["CrossingRate", "Menu"]

_N_BX = 3564
"""Bunch crossings of one LHC orbit."""


@dataclass(frozen=True, slots=True)
class CrossingRate:
    """How often bunches cross.

    Parameters
    ----------
    n_bunches : int
        Colliding bunch pairs of one orbit, 1 to 3564.
    f_rev_hz : float
        Revolution frequency of the LHC.
    """

    n_bunches: int = 2760
    f_rev_hz: float = 11245.6

    def __post_init__(self) -> None:
        if not 1 <= self.n_bunches <= _N_BX or not self.f_rev_hz > 0:
            msg = f"n_bunches must be 1 to {_N_BX} and f_rev_hz positive, received {self.n_bunches} and {self.f_rev_hz}"
            raise ConfigError(msg)

    @property
    def khz(self) -> float:
        """Crossings with collisions per second, in kHz."""
        return self.n_bunches * self.f_rev_hz / 1000.0


@dataclass(frozen=True, slots=True)
class Menu:
    """A list of algorithms and the crossing rate that turns fractions into kHz.

    Parameters
    ----------
    name, version : str
        What the menu is called.
    rates : CrossingRate
        Bunches and revolution frequency.
    algorithms : tuple of Algorithm
        At least one; names are unique.
    """

    name: str
    version: str
    rates: CrossingRate
    algorithms: tuple[Algorithm, ...]

    def __post_init__(self) -> None:
        names = [algorithm.name for algorithm in self.algorithms]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if not names or repeated:
            msg = f"menu {self.name!r} needs algorithms with different names, received {repeated or 'none'}"
            raise ConfigError(msg)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the algorithms, in order."""
        return tuple(algorithm.name for algorithm in self.algorithms)

    @property
    def is_resolved(self) -> bool:
        """Whether every threshold is known."""
        return all(algorithm.is_resolved for algorithm in self.algorithms)

    def __getitem__(self, name: str) -> Algorithm:
        """Algorithm called `name`.

        Raises
        ------
        ConfigError
            If there is none.
        """
        for algorithm in self.algorithms:
            if algorithm.name == name:
                return algorithm
        msg = f"menu {self.name!r} has no algorithm {name!r}; {nearest(name, self.names)}"
        raise ConfigError(msg)

    def check_models(self, models: Mapping[str, str]) -> None:
        """Refuse thresholds that were derived for another model.

        Parameters
        ----------
        models : mapping of str to str
            Digest of the model that computes each score.

        Raises
        ------
        ConfigError
            If a score has no model here, or a threshold carries another digest.
        """
        for algorithm in self.algorithms:
            if isinstance(algorithm.condition, ScoreCondition):
                _check_model(algorithm.name, algorithm.condition, models)

    def resolve(self, scores: Mapping[str, NDArray[np.int64]], weight: NDArray[np.float64], models: Mapping[str, str]) -> Menu:
        """The same menu with the threshold of every score derived for its rate.

        Parameters
        ----------
        scores : mapping of str to ndarray of int64, shape (n,)
            Score words of zero-bias crossings.
        weight : ndarray of float64, shape (n,)
            Weights of the crossings.
        models : mapping of str to str
            Digest of the model that computes each score; written beside the thresholds.

        Notes
        -----
        A threshold that already stands beside a target rate is derived anew; one without a target is kept and checked.
        """
        algorithms = tuple(self._resolved(algorithm, scores, weight, models) for algorithm in self.algorithms)
        menu = replace(self, algorithms=algorithms)
        menu.check_models(models)
        return menu

    def _resolved(
        self,
        algorithm: Algorithm,
        scores: Mapping[str, NDArray[np.int64]],
        weight: NDArray[np.float64],
        models: Mapping[str, str],
    ) -> Algorithm:
        target = _target(algorithm)
        if target is None:
            return algorithm
        words = score_words(target.score, scores, weight.size)
        threshold = threshold_at_rate(words, weight, target.rate_khz, self.rates.khz)
        return algorithm.with_condition(target.at(threshold, _model_of(algorithm.name, target.score, models)))

    def evaluate(
        self, events: Events, scores: Mapping[str, NDArray[np.int64]] | None = None, bx: NDArray[np.int64] | None = None
    ) -> Decisions:
        """Decide on every crossing.

        Parameters
        ----------
        events : Events
            Crossings, in the order in which the prescale counters see them.
        scores : mapping of str to ndarray of int64, shape (n,)
            Score words by name; only those that the menu asks for are read.
        bx : ndarray of int64, shape (n,), optional
            Bunch crossing of each event, 0 to 3563; needed only when an algorithm masks some.

        Raises
        ------
        ConfigError
            If a threshold is not resolved.
        DataError
            If a score is absent or of the wrong shape, or an algorithm masks crossings and `bx` is absent.
        SchemaError
            If the events hold other objects or other scales than the menu cuts on.
        """
        shape = (events.n, len(self.algorithms))
        raw, masked, final = (np.zeros(shape, dtype=np.bool_) for _ in range(3))
        for column, algorithm in enumerate(self.algorithms):
            raw[:, column] = algorithm.condition.evaluate(events, scores or {})
            masked[:, column] = raw[:, column] & _may_fire(algorithm, bx, events.n)
            final[:, column] = apply_prescale(masked[:, column], algorithm.prescale)
        return Decisions(self.names, raw, masked, final)


def _target(algorithm: Algorithm) -> ScoreTarget | None:
    """The rate that a threshold has to be derived for, if any."""
    match algorithm.condition:
        case ScoreTarget() as target:
            return target
        case ScoreCondition(score=score, target_khz=float(rate)):
            return ScoreTarget(score, rate)
        case _:
            return None


def _model_of(name: str, score: str, models: Mapping[str, str]) -> str:
    if score not in models:
        msg = f"{name} needs a model for the score {score!r}; {nearest(score, models)}"
        raise ConfigError(msg)
    return models[score]


def _check_model(name: str, condition: ScoreCondition, models: Mapping[str, str]) -> None:
    received = _model_of(name, condition.score, models)
    if condition.model != received:
        msg = (
            f"{name}: threshold {condition.threshold} belongs to model {condition.model[:12]}, but the score comes from "
            f"model {received[:12]}; derive it again with `l1ml menu rates`"
        )
        raise ConfigError(msg)


def _may_fire(algorithm: Algorithm, bx: NDArray[np.int64] | None, n_events: int) -> NDArray[np.bool_]:
    """Whether the algorithm is allowed in each crossing, shape (n,)."""
    if not algorithm.masked_bx:
        return np.ones(n_events, dtype=np.bool_)
    if bx is None or bx.shape != (n_events,):
        msg = f"{algorithm.name} masks bunch crossings: give `bx`, one number from 0 to {_N_BX - 1} for each of {n_events} events"
        raise DataError(msg)
    return np.isin(bx, algorithm.masked_bx, invert=True)
