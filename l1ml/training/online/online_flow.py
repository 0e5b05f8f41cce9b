"""A density learned from a stream in one pass, of which only a buffer is ever held (Butter et al., arXiv:2202.09375)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.determinism import fix_sums
from l1ml.errors import ConfigError, DataError, TrainingError, nearest
from l1ml.training.checkpoint import State
from l1ml.training.online.settings import OnlineSettings, Quantity

__all__ = ["OnlineFlow"]

_POISSON, _START = 1, 2
"""Streams of random numbers beside the seed."""

_BLOCK = 10_000
"""Events that are evaluated at a time."""


class OnlineFlow:
    """An ensemble of flows that sees events once, and can be asked afterwards what they were like.

    Member 0 sees each event once. The others see it as often as a Poisson number of mean one says, as bootstrap samples of the
    stream would: their scatter is the statistical uncertainty, without what all of them smooth away. The weights of the
    flow are the mean of those after each buffer, which takes out the noise of the steps. The stream has to be stationary: nothing
    here follows a drift.

    Parameters
    ----------
    quantities : sequence of Quantity
        Columns of the events.
    settings : OnlineSettings
        Size and schedule.

    Attributes
    ----------
    seen : int
        Events of the stream so far.
    learned : int
        Events of the stream that need not be seen again: those after them are in the buffer.
    buffers : int
        Buffers learned.
    yields : ndarray, shape (members + 1,)
        Sum of the weights of the learned events in range, as each member counts them.
    squares : float
        Sum of their squares: `yields[0]` squared over it is the number of events of one weight that would know as much.
    """

    def __init__(self, quantities: Sequence[Quantity], settings: OnlineSettings) -> None:
        from l1ml.training.online.member_flow import MemberFlow

        fix_sums()
        self.quantities, self.settings = tuple(quantities), settings
        d, keras = len(self.quantities), require("keras")
        self._low = np.array([item.low for item in self.quantities])
        self._high = np.array([item.high for item in self.quantities])
        self._flow = MemberFlow(d, settings)
        # a short memory of squared gradients, so that the first buffers do not slow down those that follow
        self._flow.compile(optimizer=keras.optimizers.Adam(beta_2=0.99), jit_compile=False)
        self._flow.optimizer.build(self._flow.trainable_variables)
        self._mean: list[NDArray[np.float32]] = []
        self._held = np.empty((settings.buffer, d)), np.empty(settings.buffer)
        self._n_held = 0
        self._unit = 1.0
        self.seen = self.learned = self.buffers = 0
        self.yields = np.zeros(settings.members + 1)
        self.squares = 0.0

    def see(self, values: NDArray[np.floating[Any]], weight: NDArray[np.floating[Any]] | None = None) -> None:
        """Take the next events of the stream; learn and forget as often as the buffer is full.

        Parameters
        ----------
        values : ndarray, shape (n, d)
            Quantities; infinite ones are out of every range, as those of an object that is not there.
        weight : ndarray, shape (n,), optional
            Not negative; one by default.

        Raises
        ------
        DataError
            If shapes do not fit, or a number is NaN, or a weight negative: nothing is taken then.
        TrainingError
            If the loss is no number.
        """
        values, counts = self._checked(values, weight)
        rows = np.flatnonzero(((values >= self._low) & (values < self._high)).all(axis=1))
        before = self.seen
        while rows.size:
            taken, rows = np.split(rows, [min(self.settings.buffer - self._n_held, rows.size)])
            place = slice(self._n_held, self._n_held + taken.size)
            self._held[0][place] = (values[taken] - self._low) / (self._high - self._low)
            self._held[1][place] = counts[taken]
            self._n_held += taken.size
            self.seen = before + int(taken[-1]) + 1
            if self._n_held == self.settings.buffer:
                self.flush()
        self.seen = before + len(values)

    def _checked(
        self, values: NDArray[np.floating[Any]], weight: NDArray[np.floating[Any]] | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        events: NDArray[np.float64] = np.asarray(values, np.float64)
        counts: NDArray[np.float64] = np.ones(len(events)) if weight is None else np.asarray(weight, np.float64)
        if events.ndim != 2 or events.shape[1] != len(self.quantities) or counts.shape != (len(events),):
            names = ", ".join(item.name for item in self.quantities)
            msg = f"events have the columns {names} and one weight each, received shapes {events.shape} and {counts.shape}"
            raise DataError(msg)
        wrong = np.isnan(events).any(axis=1) | ~(np.isfinite(counts) & (counts >= 0))
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            msg = f"event {self.seen + row} of the stream is {events[row].tolist()} with the weight {counts[row]}: leave it out"
            raise DataError(msg)
        return events, counts

    def flush(self) -> None:
        """Learn what is in the buffer, full or not, and forget it."""
        n = self._n_held
        u, weight = (held[:n] for held in self._held)
        self._n_held = 0
        if n == 0 or not weight.any():
            self.learned = self.seen
            return
        rng = np.random.default_rng([self.settings.seed, _POISSON, self.buffers])
        counts = np.concatenate([np.ones((n, 1)), rng.poisson(1.0, (n, self.settings.members))], axis=1) * weight[:, None]
        if not self.buffers:
            self._unit = float(weight.mean())
            self._flow.start(u, counts / self._unit, np.random.default_rng([self.settings.seed, _START]))
        self._learn(u.astype(np.float32), (counts / self._unit).astype(np.float32), rng)
        self.yields += counts.sum(axis=0)
        self.squares += float(np.square(weight).sum())
        self.learned = self.seen

    def _learn(self, u: NDArray[np.float32], counts: NDArray[np.float32], rng: np.random.Generator) -> None:
        """Steps over one buffer; then the mean of the weights."""
        flow, settings = self._flow, self.settings
        before = flow.get_weights()
        flow.optimizer.learning_rate = settings.rate(self.buffers)
        n_batches = -(-len(u) // settings.batch)
        for _ in range(settings.passes):
            for rows in np.array_split(rng.permutation(len(u)), n_batches):
                # a batch that is not full ends with events without weight: another shape would be another program
                rest = ((0, settings.batch - rows.size), (0, 0))
                loss = float(flow.train_on_batch(np.pad(u[rows], rest), np.pad(counts[rows], rest)))
                if not np.isfinite(loss):
                    flow.set_weights(before)
                    msg = f"the loss is {loss} in buffer {self.buffers + 1}; the weights before it are kept: lower learning_rate"
                    raise TrainingError(msg)
        self.buffers += 1
        share = np.float32(settings.share(self.buffers))
        now = flow.get_weights()
        self._mean = [old + share * (new - old) for old, new in zip(self._mean or now, now, strict=True)]

    def log_density(self, values: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Logarithm of the density of each member at `values` of shape (n, d), shape (members + 1, n); -inf out of range."""
        values = self._checked(values, None)[0]
        inside = ((values >= self._low) & (values < self._high)).all(axis=1)
        result = np.full((self.settings.members + 1, len(values)), -np.inf)
        width = self._high - self._low
        u = ((values[inside] - self._low) / width).astype(np.float32)
        result[:, inside] = self._in_parts(self._ready(), u) - np.log(width).sum()
        return result

    def shares_below(self, edges: Sequence[float] | NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Share of the first quantity below each of `edges`, by member, shape (members + 1, edges): exact, without drawing."""
        low, high = self._low[0], self._high[0]
        u = np.clip((np.asarray(edges, np.float64) - low) / (high - low), 0, 1)
        return self._in_parts(self._ready().below, u.astype(np.float32))

    def draw(self, n: int, seed: int = 0) -> NDArray[np.float64]:
        """`n` random events of each member, shape (members + 1, n, d), as `events_of` makes them.

        Raises
        ------
        DataError
            If nothing was learned.
        """
        return self.events_of(np.random.default_rng(seed).random((n, len(self.quantities))))

    def events_of(self, noise: NDArray[np.float64]) -> NDArray[np.float64]:
        """Events for which `noise` in [0, 1), shape (n, d), stands: the same quantiles of each member, (members + 1, n, d)."""
        events = self._low + (self._high - self._low) * self._in_parts(self._ready().draw, noise.astype(np.float32))
        # float32 may round up to the end that is not in range
        return np.asarray(np.clip(events, self._low, np.nextafter(self._high, self._low)))

    def _ready(self) -> Any:
        """A flow with the mean of the weights."""
        from l1ml.training.online.member_flow import MemberFlow

        if not self.buffers:
            msg = f"nothing was learned of the {self.seen} events so far: give more, or flush the buffer"
            raise DataError(msg)
        flow = MemberFlow(len(self.quantities), self.settings)
        flow.set_weights(self._mean)
        return flow

    def column(self, name: str) -> int:
        """Place of the quantity `name`.

        Raises
        ------
        ConfigError
            If there is none of that name.
        """
        names = [item.name for item in self.quantities]
        if name not in names:
            msg = f"the flow has no quantity {name!r}; {nearest(name, names)}"
            raise ConfigError(msg)
        return names.index(name)

    def state(self) -> State:
        """Everything but the buffer: with it, and the stream from event `learned` on, the flow goes on as if nothing had been.

        Arrays are the yields, the weights, their mean, and the variables of the optimiser.
        """
        facts = {
            "quantities": [asdict(item) for item in self.quantities],
            "settings": asdict(self.settings),
            "learned": self.learned,
            "buffers": self.buffers,
            "unit": self._unit,
            "squares": self.squares,
        }
        return State(
            facts, [self.yields, *self._flow.get_weights(), *self._mean, *map(np.asarray, self._flow.optimizer.variables)]
        )

    @classmethod
    def from_state(cls, state: State) -> OnlineFlow:
        """The flow whose `state` it was."""
        facts = state.facts
        flow = cls([Quantity(**item) for item in facts["quantities"]], OnlineSettings(**facts["settings"]))
        flow.seen = flow.learned = facts["learned"]
        flow.buffers, flow._unit, flow.squares = facts["buffers"], facts["unit"], facts["squares"]
        n = len(flow._flow.weights)
        flow.yields = np.array(state.arrays[0])
        flow._flow.set_weights(state.arrays[1 : n + 1])
        flow._mean = [np.array(item) for item in state.arrays[n + 1 : 2 * n + 1]] if flow.buffers else []
        rest = state.arrays[n + 1 + len(flow._mean) :]
        for variable, values in zip(flow._flow.optimizer.variables, rest, strict=True):
            variable.assign(values)
        return flow

    @staticmethod
    def _in_parts(function: Callable[[Any], Any], values: NDArray[np.float32]) -> NDArray[np.float64]:
        """`function` of rows of `values`, a block at a time."""
        blocks = [values[first : first + _BLOCK] for first in range(0, max(len(values), 1), _BLOCK)]
        return np.concatenate([np.asarray(function(block), np.float64) for block in blocks], axis=1)
