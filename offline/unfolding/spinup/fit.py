"""One fit of the truth to measured data, all members together."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.progress import Progress
from offline.unfolding.sample import FloatArray, Measured
from offline.unfolding.spinup.checks import draw_checks, folded_checks
from offline.unfolding.spinup.flow import Flow
from offline.unfolding.spinup.lattice import gaussian_lattice
from offline.unfolding.spinup.likelihood import DataLikelihood, Proposals, contamination_density, propose
from offline.unfolding.spinup.members import Members
from offline.unfolding.spinup.method import Spinup
from offline.unfolding.spinup.response import Response, density
from offline.unfolding.spinup.training import FlowLikelihood, predict, train
from offline.unfolding.unfolded import Replica, Unfolded

__all__ = ["Fit"]

keras = require("keras")
ops = keras.ops

_CHECKED = 20_000
"""Measured events that the importance weights are looked at for."""


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

    def __init__(self, spinup: Spinup, response: Response, data: Measured, seed: int, progress: Progress) -> None:
        self.spinup, self.response, self.data, self.seed, self.progress = spinup, response, data, seed, progress
        self.batch = spinup.unfolding_schedule.batch
        self.kept = data.weight > 0
        self.members = Members.of(
            data,
            response.fake_share,
            starts=spinup.starts,
            bootstraps=spinup.bootstraps,
            spread=spinup.start_spread,
            seed=seed,
        )

    def run(self) -> Unfolded:
        """Propose, fit, draw, check."""
        rngs = [np.random.default_rng([self.seed, 1, index]) for index in range(5)]
        reco = self.response.reco.forward(self.data.reco[self.kept], rngs[0])
        contamination = self._contamination(rngs[1])
        log_contamination = contamination_density(contamination, reco, self.response_batch)
        spinup = self.spinup
        proposals = propose(
            self.response,
            reco,
            draws=spinup.draws,
            width=spinup.draw_width,
            batch=self.response_batch,
            rng=rngs[2],
            progress=self.progress,
        )
        flow, losses = self._members(proposals, log_contamination, rngs[3])
        coordinates, gen, weight, bounded = self._drawn(flow, rngs[4])
        folded = self._folded(coordinates[:, 0], contamination, rngs[4])
        record = {
            "settings": asdict(spinup),
            "seed": self.seed,
            "whole_numbers": [name for name, whole in zip(self.response.names, self.response.gen.whole, strict=True) if whole],
            "fake_share": self.response.fake_share,
            "at_least_efficiency": bounded,
            "losses": {**self.response.losses, "unfolding": losses},
            "importance": self._importance(flow, proposals),
            "folded": folded,
            "members": self._spread(gen, weight),
        }
        return self._unfolded(gen, weight, record)

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
        return flow

    def _members(
        self, proposals: Proposals, log_contamination: NDArray[np.float32], rng: np.random.Generator
    ) -> tuple[Flow, list[float]]:
        """Fit the truth."""
        schedule = self.spinup.unfolding_schedule
        flow = Flow(self.response.gen.d, 0, self.members.n, self.spinup.unfolding)
        flow.start(self.response.prior, rng, self.members.spread)
        model = DataLikelihood(flow, self.members.share)
        sample = (proposals.truth, proposals.log_ratio, log_contamination, self.members.weight)
        self.progress.start("unfolding", schedule.steps)
        losses = train(model, sample, schedule, rng, progress=self.progress)
        self.progress.finish()
        return flow, losses

    def _drawn(self, flow: Flow, rng: np.random.Generator) -> tuple[FloatArray, FloatArray, FloatArray, float]:
        """Events of each member in coordinates and as quantities, (n, members, d), and their weights, (n, members).

        The last is the share of the nominal result that has the least efficiency.

        All members turn the same noise into events, so that their differences are those of the fits.
        """
        n, d = self.spinup.samples, self.response.gen.d
        noise = gaussian_lattice(1, n, d, rng)[0].astype(np.float32)
        drawn = predict(Drawer(flow), (noise,), min(n, self.response_batch))
        flat = drawn.reshape(-1, d)
        efficiency = self.response.efficiency_of(flat, self.response_batch).reshape(n, -1)
        least = self.spinup.least_efficiency
        weight = self.members.signal / n / np.maximum(efficiency, least)
        bounded = float(weight[efficiency[:, 0] < least, 0].sum() / weight[:, 0].sum())
        return drawn, self.response.gen.backward(flat).reshape(drawn.shape), weight, bounded

    def _folded(self, truth: FloatArray, contamination: Flow | None, rng: np.random.Generator) -> dict[str, Any]:
        """Compare data with what the detector makes of the fitted `truth`, fakes and background added."""
        n, reco = len(truth), self.response.reco
        noise = rng.normal(size=(n, reco.d)).astype(np.float32)
        size = min(n, self.response_batch)
        x = predict(Drawer(self.response.surrogate), (noise, truth.astype(np.float32)), size)[:, 0]
        weight = np.full(n, 1 - self.members.share[0])
        if contamination is not None:
            x = np.concatenate([x, predict(Drawer(contamination), (noise,), size)[:, 0]])
            weight = np.concatenate([weight, np.full(n, self.members.share[0])])
        return folded_checks(self.data.names, reco.backward(x), weight, self.data.reco[self.kept], self.data.weight[self.kept])

    def _importance(self, flow: Flow, proposals: Proposals) -> dict[str, Any]:
        """Importance weights of the nominal density."""
        rows = np.linspace(0, len(proposals.truth) - 1, min(_CHECKED, len(proposals.truth))).astype(np.int64)
        k, d = proposals.truth.shape[1:]
        flat = proposals.truth[rows].reshape(-1, d)
        log_density = predict(FlowLikelihood(flow.member(0)), (flat,), min(len(flat), 8 * self.response_batch))
        return draw_checks(log_density.reshape(-1, k) + proposals.log_ratio[rows])

    def _spread(self, gen: FloatArray, weight: FloatArray) -> dict[str, Any]:
        """Mean and standard deviation of each quantity for every member, shape (members, d) as lists."""
        share = (weight / weight.sum(axis=0))[..., None]
        mean = (share * gen).sum(axis=0)
        sd = np.sqrt((share * np.square(gen - mean)).sum(axis=0))
        return {"starts": self.spinup.starts, "bootstraps": self.spinup.bootstraps, "mean": mean.tolist(), "sd": sd.tolist()}

    def _unfolded(self, gen: FloatArray, weight: FloatArray, record: dict[str, Any]) -> Unfolded:
        """The nominal member, and the others as its replicas."""
        kinds = [("ensemble", index) for index in range(self.spinup.starts)]
        kinds += [("data", index) for index in range(self.spinup.bootstraps)]
        replicas = tuple(
            Replica(kind, index, np.ascontiguousarray(weight[:, member]), np.ascontiguousarray(gen[:, member]))
            for member, (kind, index) in enumerate(kinds, start=1)
        )
        return Unfolded(
            method=self.spinup.name,
            names=self.response.names,
            gen=np.ascontiguousarray(gen[:, 0]),
            weight=np.ascontiguousarray(weight[:, 0]),
            event=np.arange(len(gen), dtype=np.uint64),
            replicas=replicas,
            record=record,
        )
