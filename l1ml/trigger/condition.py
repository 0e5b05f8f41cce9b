"""Conditions: cuts of the Global Trigger on the integer words of one crossing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.errors import ConfigError, DataError, SchemaError, nearest
from l1ml.hardware.objects import GLOBAL_TRIGGER_SCALES
from l1ml.hardware.scales import HardwareScale

__all__ = ["Condition", "ObjectCondition", "ScoreCondition", "ScoreTarget", "score_words"]


@dataclass(frozen=True, slots=True)
class ObjectCondition:
    """At least k objects of one collection above k pt thresholds, each object used once.

    Parameters
    ----------
    collection : str
        "met", "egamma", "muon" or "jet".
    thresholds_gev : tuple of float
        One pt threshold for each object; what is compared is the word of each, see `thresholds`.
    eta_max : float, optional
        Only objects with ``abs(eta) <= eta_max`` count; no window when absent.

    Raises
    ------
    ConfigError
        On an unknown collection, no threshold, a threshold that the word cannot hold, or a window that is not positive.

    Notes
    -----
    The conditions "leading object above the first threshold, second above the second" and "some assignment of different
    objects to thresholds" are the same here, because the thresholds are nested: sorting decides both.

    Examples
    --------
    >>> ObjectCondition("muon", (22.0,)).thresholds, ObjectCondition("egamma", (14.0, 25.0)).thresholds
    ((45,), (50, 28))
    """

    collection: str
    thresholds_gev: tuple[float, ...]
    eta_max: float | None = None

    def __post_init__(self) -> None:
        if not self.thresholds_gev:
            msg = f"a condition on {self.collection!r} needs thresholds_gev, one for each object"
            raise ConfigError(msg)
        if self.eta_max is not None and not self.eta_max > 0:
            msg = f"eta_max must be positive, received {self.eta_max}"
            raise ConfigError(msg)
        for value in self.thresholds_gev:
            _threshold_word(self.scale, value, self.collection)

    @property
    def scale(self) -> HardwareScale:
        """Scale of the pt words."""
        return _scales(self.collection)["pt"]

    @property
    def thresholds(self) -> tuple[int, ...]:
        """Words of the thresholds, largest first: an object passes with ``hw_pt >= threshold``."""
        words = (_threshold_word(self.scale, value, self.collection) for value in self.thresholds_gev)
        return tuple(sorted(words, reverse=True))

    @property
    def eta_limit(self) -> int | None:
        """Largest ``abs(hw_eta)`` word of an object that counts."""
        if self.eta_max is None:
            return None
        return int(_scales(self.collection)["eta"].to_hw(self.eta_max, "floor"))

    def evaluate(self, events: Events, scores: Mapping[str, NDArray[np.int64]]) -> NDArray[np.bool_]:
        """Whether each crossing has the objects, shape (n,); `scores` are not looked at."""
        del scores
        self._check(events)
        pt = events.collections[self.collection]["hw_pt"]
        if self.eta_limit is not None:
            eta = events.collections[self.collection]["hw_eta"]
            pt = np.where(np.abs(eta) <= self.eta_limit, pt, np.int32(0))
        n_objects = len(self.thresholds)
        if n_objects > pt.shape[1]:
            return np.zeros(events.n, dtype=np.bool_)
        leading = np.sort(pt, axis=1)[:, ::-1][:, :n_objects]
        return np.asarray((leading >= np.asarray(self.thresholds)).all(axis=1))

    def _check(self, events: Events) -> None:
        """Refuse events whose words are on another scale than the thresholds are written in."""
        schema = events.schema.object(self.collection)
        for name in ("pt",) if self.eta_max is None else ("pt", "eta"):
            expected, received = _scales(self.collection)[name], schema.field(name).scale
            if received != expected:
                msg = f"{self.collection} {name} words of these events are on {received}, the menu cuts on {expected}"
                raise SchemaError(msg)


@dataclass(frozen=True, slots=True)
class ScoreCondition:
    """A score word at or above a threshold word of one trained model.

    Parameters
    ----------
    score : str
        Name of the score, such as "axo".
    threshold : int
        Score word; passes with ``word >= threshold``.
    model : str
        Digest of the model that the threshold belongs to.
    target_khz : float, optional
        The zero-bias rate that the threshold was derived for.
    """

    score: str
    threshold: int
    model: str
    target_khz: float | None = None

    def evaluate(self, events: Events, scores: Mapping[str, NDArray[np.int64]]) -> NDArray[np.bool_]:
        """Whether the score word of each crossing reaches the threshold, shape (n,)."""
        words = score_words(self.score, scores, events.n)
        return np.asarray(words >= self.threshold)


@dataclass(frozen=True, slots=True)
class ScoreTarget:
    """A zero-bias rate for which the threshold of a score is still to be derived."""

    score: str
    rate_khz: float

    def at(self, threshold: int, model: str) -> ScoreCondition:
        """The condition once the threshold for model digest `model` is known."""
        return ScoreCondition(self.score, threshold, model, self.rate_khz)

    def evaluate(self, events: Events, scores: Mapping[str, NDArray[np.int64]]) -> NDArray[np.bool_]:
        """Refuse: there is nothing to compare with yet.

        Raises
        ------
        ConfigError
            Always.
        """
        del events, scores
        msg = f"score {self.score!r} has no threshold for {self.rate_khz:g} kHz yet; derive it with `l1ml menu rates`"
        raise ConfigError(msg)


Condition: TypeAlias = ObjectCondition | ScoreCondition | ScoreTarget


def score_words(name: str, scores: Mapping[str, NDArray[np.int64]], n_events: int) -> NDArray[np.int64]:
    """Score words called `name`, checked to be integers and one for each of `n_events` crossings.

    Raises
    ------
    DataError
        If the score is absent, is not of integers or has another length.
    """
    if name not in scores:
        msg = f"the menu needs the score {name!r}; received {sorted(scores) or 'no scores'}"
        raise DataError(msg)
    words = np.asarray(scores[name])
    if words.shape != (n_events,) or not np.issubdtype(words.dtype, np.integer):
        msg = f"score {name!r} must hold {n_events} integer words, received {words.dtype} of shape {words.shape}"
        raise DataError(msg)
    return words.astype(np.int64, copy=False)


def _scales(collection: str) -> Mapping[str, HardwareScale]:
    if collection not in GLOBAL_TRIGGER_SCALES:
        msg = f"unknown collection {collection!r}; {nearest(collection, GLOBAL_TRIGGER_SCALES)}"
        raise ConfigError(msg)
    return GLOBAL_TRIGGER_SCALES[collection]


def _threshold_word(scale: HardwareScale, value: float, collection: str) -> int:
    """Word of a threshold in GeV.  A value above the scale would saturate into another cut, so it is refused."""
    top = float(scale.to_physical(scale.max_word))
    if not 0.0 <= value <= top:
        msg = f"{collection} threshold {value:g} GeV is outside the hardware word, 0 to {top:g} GeV"
        raise ConfigError(msg)
    return max(1, int(scale.to_hw(value, "ceil")))
