"""Joint likelihood ratios and joint scores: what a generator knows of each event beside what is observed (arXiv:1805.00013).

They depend on what is not observed, too. A network that is told of them learns their mean given what is observed, which is the
likelihood ratio and the score that nobody can calculate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from l1ml.errors import ConfigError, DataError
from l1ml.progress import SILENT, Progress
from offline.inference.arrays import BoolArray, FloatArray
from offline.inference.gold.drawn_events import rows_drawn, shares_of
from offline.inference.gold.weighted_events import WeightedEvents
from offline.inference.prior import Prior

__all__ = ["Gold", "JointModel", "gold_of_events", "gold_of_model", "joined", "scores_of_events"]


class JointModel(Protocol):
    """A simulator that shows what it did: z stands for all its random numbers, and x follows from z whatever the parameters."""

    def __call__(self, theta: FloatArray, rng: np.random.Generator, /) -> tuple[FloatArray, FloatArray]:
        """Observations x, shape (n, k), and z, shape (n, any), for each row of `theta`, shape (n, d)."""

    def log_density(self, theta: FloatArray, z: FloatArray, /) -> FloatArray:
        """Logarithm of p(z | theta), shape (n,)."""

    def score(self, theta: FloatArray, z: FloatArray, /) -> FloatArray:
        """Derivative of `log_density` by the parameters, shape (n, d)."""


@dataclass(frozen=True, slots=True, eq=False)
class Gold:
    """Events with joint labels.

    Parameters
    ----------
    prior : Prior
        Of the parameters.
    theta : ndarray of float64, shape (n, d)
        Parameters that each event is compared at.
    x : ndarray of float64, shape (n, k)
        What was observed.
    drawn : ndarray of bool, shape (n,)
        Whether the event was made with these parameters; the others are of the reference.
    log_ratio : ndarray of float64, shape (n,)
        Logarithm of p(x, z | theta) over the reference density.
    score : ndarray of float64, shape (n, d)
        Derivative of log p(x, z | theta) by theta.

    Raises
    ------
    DataError
        If shapes do not fit, parameters are outside the prior, or a score is not finite.
    """

    prior: Prior
    theta: FloatArray
    x: FloatArray
    drawn: BoolArray
    log_ratio: FloatArray
    score: FloatArray

    def __post_init__(self) -> None:
        self.prior.check(self.theta)
        n, d = self.theta.shape
        found = (len(self.x), self.drawn.shape, self.log_ratio.shape, self.score.shape)
        if found != (n, (n,), (n,), (n, d)) or self.x.ndim != 2:
            msg = f"labels of {n} events and {d} parameters do not have the shapes {self.x.shape}, {found[1:]}"
            raise DataError(msg)
        # a ratio of 0 is a label, too: an event of the reference that is impossible at theta
        if np.isnan(self.log_ratio).any() or not np.isfinite(self.score).all() or not np.isfinite(self.x).all():
            msg = "labels and observations must be numbers: look for events of weight 0"
            raise DataError(msg)

    def __len__(self) -> int:
        return len(self.theta)


def gold_of_model(model: JointModel, prior: Prior, reference: FloatArray, n: int, *, seed: int) -> Gold:
    """Half of `n` events with parameters of the prior, half with those of the reference, all with labels.

    Parameters
    ----------
    model : JointModel
        What is asked.
    prior : Prior
        Of the parameters.
    reference : ndarray of float64, shape (r, d)
        The reference density is the mean of those with these parameters: as wide as what is to be compared with it.
    n : int
        Events.
    seed : int
        Of every random number.
    """
    _check_number(n)
    rng = np.random.default_rng(seed)
    theta, drawn = prior.sample(n, rng), np.arange(n) % 2 == 0
    other = reference[rng.integers(0, len(reference), n)]
    x, z = model(np.where(drawn[:, None], theta, other), rng)
    each = np.stack([model.log_density(np.broadcast_to(point, theta.shape), z) for point in reference])
    log_ratio = model.log_density(theta, z) - np.logaddexp.reduce(each, axis=0) + np.log(len(reference))
    return Gold(prior, theta, x, drawn, log_ratio, model.score(theta, z))


def gold_of_events(
    events: WeightedEvents,
    prior: Prior,
    reference: FloatArray,
    n: int,
    *,
    points: int = 1000,
    seed: int = 1,
    progress: Progress = SILENT,
) -> Gold:
    """The same from weighted events, drawn with replacement: the sample should be several times larger than `n` over `points`.

    Parameters
    ----------
    events : WeightedEvents
        What is drawn from.
    prior, reference, n, seed
        As in `gold_of_model`; the prior has the names of the events.
    points : int
        Different parameters, each with as many events.
    progress : Progress
        Told about points.
    """
    _check_number(n)
    if prior.names != events.names:
        msg = f"the prior has the parameters {prior.names}, the events have {events.names}"
        raise ConfigError(msg)
    rng, points = np.random.default_rng(seed), min(points, n // 2)
    mixed = np.mean([shares_of(events, point) for point in reference], axis=0)
    progress.start("labels", points)
    parts = []
    for theta, size in zip(prior.sample(points, rng), np.diff(np.linspace(0, n // 2, points + 1).astype(int)), strict=True):
        parts.append(_labels(events, prior, theta, mixed, size=int(size), rng=rng))
        progress.advance()
    progress.finish()
    return joined(parts)


def joined(parts: Sequence[Gold]) -> Gold:
    """Labels of several samples as one; prior and reference must be the same."""
    columns = zip(*((part.theta, part.x, part.drawn, part.log_ratio, part.score) for part in parts), strict=True)
    return Gold(parts[0].prior, *(np.concatenate(column) for column in columns))


def scores_of_events(events: WeightedEvents, theta: FloatArray, n: int, *, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    """Observations of `n` events drawn at one point, shape (n, k), and their joint scores there, shape (n, d)."""
    rows = rows_drawn(shares_of(events, theta), n, np.random.default_rng(seed))
    return events.x[rows], events.scores_at(theta, rows)


def _labels(
    events: WeightedEvents, prior: Prior, theta: FloatArray, mixed: FloatArray, *, size: int, rng: np.random.Generator
) -> Gold:
    """`size` events of each kind at one point."""
    share = shares_of(events, theta)
    rows = np.concatenate([rows_drawn(share, size, rng), rows_drawn(mixed, size, rng)])
    with np.errstate(divide="ignore"):
        log_ratio = np.log(share[rows]) - np.log(mixed[rows])
    # where only theta makes such an event the label would be infinite
    log_ratio = np.minimum(log_ratio, np.log(np.finfo(np.float64).max))
    repeated = np.broadcast_to(theta, (2 * size, len(theta)))
    return Gold(prior, repeated, events.x[rows], np.arange(2 * size) < size, log_ratio, events.scores_at(theta, rows))


def _check_number(n: int) -> None:
    if n < 2:
        msg = f"labels are made for at least 2 events, received {n}"
        raise ConfigError(msg)
