"""One fit of the truth to measured data, members of an ensemble together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.progress import Progress
from offline.unfolding.method import Checkpoint
from offline.unfolding.sample import FloatArray, Measured
from offline.unfolding.spinup.checks import draw_checks, folded_checks
from offline.unfolding.spinup.flow import Flow
from offline.unfolding.spinup.lattice import gaussian_lattice
from offline.unfolding.spinup.likelihood import DataLikelihood, Proposals, contamination_density, propose
from offline.unfolding.spinup.members import Members
from offline.unfolding.spinup.method import Spinup
from offline.unfolding.spinup.response import Response, density
from offline.unfolding.spinup.response_arrays import numbered, with_numbers
from offline.unfolding.spinup.training import FlowLikelihood, predict, train
from offline.unfolding.unfolded import Replica, Unfolded

__all__ = ["Fit"]

keras = require("keras")
ops = keras.ops

_CHECKED = 20_000
"""Measured events that the importance weights are looked at for."""

_TOGETHER = 5
"""Members of a kind in one training. Sums over events may come in another order with more of them, so this number is no setting:
a replica is the same whatever the number of the others."""

_TASKS = {"ensemble": "other starts", "data": "bootstraps of the data"}


class Drawer(keras.Model):  # type: ignore[name-defined, misc]  # keras has no types
    """Draws from a flow: events of every member, shape (n, members, d), from noise (n, d), and the context if it has one."""

    def __init__(self, flow: Flow) -> None:
        super().__init__()
        self.flow = flow

    def call(self, inputs: Any) -> Any:
        """Drawn events."""
        context = inputs[1][None, :, None] if self.flow.n_context else None
        return ops.transpose(self.flow.draw(inputs[0][None, :, None], context)[:, :, 0], (1, 0, 2))


class Fit:
    """A fit with settings `spinup` of the measured `data`, given the `response`."""

    def __init__(
        self, spinup: Spinup, response: Response, data: Measured, *, seed: int, progress: Progress, checkpoint: Checkpoint
    ) -> None:
        self.spinup, self.response, self.data = spinup, response, data
        self.seed, self.progress, self.checkpoint = seed, progress, checkpoint
        self.kept = data.weight > 0

    def run(self) -> Unfolded:
        """Propose, fit, draw, check."""
        rngs = [np.random.default_rng([self.seed, 1, index]) for index in (0, 1, 2, 4)]
        reco = self.response.reco.forward(self.data.reco[self.kept], rngs[0])
        contamination = self._contamination(rngs[1])
        log_contamination = contamination_density(contamination, reco, self.response_batch)
        spinup, proposals = self.spinup, self._proposed(reco, rngs[2])
        # all members turn the same noise into events, so that their differences are those of the fits
        noise = gaussian_lattice(1, spinup.samples, self.response.gen.d, rngs[3])[0].astype(np.float32)
        sample = proposals, log_contamination, noise
        members = self._members("nominal", (0,))
        flow, losses = self._fitted("unfolding", members, "nominal", *sample[:2])
        coordinates, gen, weight, bounded = self._drawn(flow, members, noise)
        replicas = [*self._replicas("ensemble", spinup.starts, *sample), *self._replicas("data", spinup.bootstraps, *sample)]
        record = {
            "settings": asdict(spinup),
            "seed": self.seed,
            "whole_numbers": [name for name, whole in zip(self.response.names, self.response.gen.whole, strict=True) if whole],
            "fake_share": self.response.fake_share,
            "at_least_efficiency": bounded,
            "losses": {**self.response.losses, "unfolding": losses},
            "importance": self._importance(flow, proposals),
            "folded": self._folded(coordinates[:, 0], contamination, float(members.share[0]), rngs[3]),
            "members": self._spread(
                [(gen[:, 0], weight[:, 0]), *((item.gen, item.weight) for item in replicas if item.gen is not None)]
            ),
        }
        return Unfolded(
            method=spinup.name,
            names=self.response.names,
            gen=np.ascontiguousarray(gen[:, 0]),
            weight=np.ascontiguousarray(weight[:, 0]),
            event=np.arange(len(gen), dtype=np.uint64),
            replicas=tuple(replicas),
            record=record,
        )

    @property
    def response_batch(self) -> int:
        """Events at a time where nothing is trained."""
        return self.spinup.response_schedule.batch

    def _contamination(self, rng: np.random.Generator) -> Flow | None:
        """Density of fakes and background together, each with the yield that it is expected with."""
        parts, weights, events = [], [], []
        if self.response.fakes is not None:
            x, weight = self.response.fakes
            expected = self.data.weight.sum() * self.response.fake_share
            parts, weights = [x], [weight * expected / weight.sum()]
            events = [np.arange(len(x), dtype=np.uint64)]
        background = self.data.weight < 0
        if background.any():
            parts.append(self.response.reco.forward(self.data.reco[background], rng))
            weights.append(-self.data.weight[background])
            events.append(self.data.event[background])
        if not parts:
            return None
        spinup = self.spinup
        if (kept := self.checkpoint.read("contamination")) is not None:
            flow = Flow(self.response.reco.d, 0, 1, spinup.response)
            flow.set_weights(numbered(kept, "flow."))
            return flow
        self.progress.start("learning fakes and background", spinup.response_schedule.steps)
        flow, _ = density(
            np.concatenate(parts),
            None,
            np.concatenate(weights),
            np.concatenate(events),
            settings=spinup.response,
            schedule=spinup.response_schedule,
            validation=spinup.validation,
            rng=rng,
            progress=self.progress,
        )
        self.progress.finish()
        self.checkpoint.write("contamination", with_numbers(flow.get_weights(), "flow."))
        return flow

    def _proposed(self, reco: FloatArray, rng: np.random.Generator) -> Proposals:
        """Likely truths of the measured events, which all members share."""
        return propose(
            self.response,
            reco,
            draws=self.spinup.draws,
            width=self.spinup.draw_width,
            batch=self.response_batch,
            rng=rng,
            progress=self.progress,
        )

    def _members(self, kind: str, indices: Sequence[int]) -> Members:
        spread = self.spinup.start_spread
        return Members.of(self.data, self.response.fake_share, kind, indices, spread=spread, seed=self.seed)

    def _fitted(
        self, task: str, members: Members, step: str, proposals: Proposals, log_contamination: NDArray[np.float32]
    ) -> tuple[Flow, list[float]]:
        """Densities of the truth for `members`, and the mean losses on the way."""
        schedule = self.spinup.unfolding_schedule
        flow = Flow(self.response.gen.d, 0, len(members.start), self.spinup.unfolding)
        if (kept := self.checkpoint.read(step)) is not None:
            flow.set_weights(numbered(kept, "flow."))
            return flow, kept["losses"].tolist()
        flow.start_at(self.response.spectrum)
        flow.scatter([np.random.default_rng(place) for place in members.start], members.spread)
        sample = (proposals.truth, proposals.log_ratio, log_contamination, members.weight)
        self.progress.start(task, schedule.steps)
        rng = np.random.default_rng([self.seed, 1, 5])
        losses = train(DataLikelihood(flow, members.share), sample, schedule, rng, progress=self.progress)
        self.progress.finish()
        self.checkpoint.write(step, {"losses": np.asarray(losses), **with_numbers(flow.get_weights(), "flow.")})
        return flow, losses

    def _replicas(
        self, kind: str, n: int, proposals: Proposals, log_contamination: NDArray[np.float32], noise: NDArray[np.float32]
    ) -> Iterator[Replica]:
        """The first `n` members of a kind, `_TOGETHER` at a time: always as many, so that none depends on `n`."""
        for first in range(0, n, _TOGETHER):
            indices = range(first, first + _TOGETHER)
            members = self._members(kind, indices)
            task = f"{_TASKS[kind]} {first + 1} to {min(n, indices.stop)} of {n}"
            flow, _ = self._fitted(task, members, f"{kind} members from {first}", proposals, log_contamination)
            _, gen, weight, _ = self._drawn(flow, members, noise)
            for place, index in enumerate(range(first, min(n, indices.stop))):
                yield Replica(kind, index, np.ascontiguousarray(weight[:, place]), np.ascontiguousarray(gen[:, place]))

    def _drawn(
        self, flow: Flow, members: Members, noise: NDArray[np.float32]
    ) -> tuple[FloatArray, FloatArray, FloatArray, float]:
        """Events of each member in coordinates and as quantities, (n, members, d), and their weights, (n, members).

        The last is the share of the first member's result that has the least efficiency.
        """
        n = len(noise)
        drawn = predict(Drawer(flow), (noise,), min(n, self.response_batch))
        flat = drawn.reshape(-1, self.response.gen.d)
        efficiency = self.response.efficiency_of(flat, self.response_batch).reshape(n, -1)
        least = self.spinup.least_efficiency
        weight = members.signal / n / np.maximum(efficiency, least)
        bounded = float(weight[efficiency[:, 0] < least, 0].sum() / weight[:, 0].sum())
        return drawn, self.response.gen.backward(flat).reshape(drawn.shape), weight, bounded

    def _folded(self, truth: FloatArray, contamination: Flow | None, share: float, rng: np.random.Generator) -> dict[str, Any]:
        """Compare data with what the detector makes of the fitted `truth`, fakes and background, their `share`, added."""
        n, reco = len(truth), self.response.reco
        noise = rng.normal(size=(n, reco.d)).astype(np.float32)
        size = min(n, self.response_batch)
        x = predict(Drawer(self.response.surrogate), (noise, truth.astype(np.float32)), size)[:, 0]
        weight = np.full(n, 1 - share)
        if contamination is not None:
            x = np.concatenate([x, predict(Drawer(contamination), (noise,), size)[:, 0]])
            weight = np.concatenate([weight, np.full(n, share)])
        return folded_checks(self.data.names, reco.backward(x), weight, self.data.reco[self.kept], self.data.weight[self.kept])

    def _importance(self, flow: Flow, proposals: Proposals) -> dict[str, Any]:
        """Importance weights of the nominal density."""
        rows = np.linspace(0, len(proposals.truth) - 1, min(_CHECKED, len(proposals.truth))).astype(np.int64)
        k, d = proposals.truth.shape[1:]
        flat = proposals.truth[rows].reshape(-1, d)
        log_density = predict(FlowLikelihood(flow), (flat,), min(len(flat), 8 * self.response_batch))
        return draw_checks(log_density.reshape(-1, k) + proposals.log_ratio[rows])

    def _spread(self, members: Sequence[tuple[FloatArray, FloatArray]]) -> dict[str, Any]:
        """Mean and standard deviation of each quantity for every member, from its events and weights, (members, d) as lists."""
        mean = np.stack([np.average(gen, axis=0, weights=weight) for gen, weight in members])
        square = [np.average(np.square(gen - centre), axis=0, weights=w) for (gen, w), centre in zip(members, mean, strict=True)]
        sd = np.sqrt(np.stack(square))
        return {"starts": self.spinup.starts, "bootstraps": self.spinup.bootstraps, "mean": mean.tolist(), "sd": sd.tolist()}
