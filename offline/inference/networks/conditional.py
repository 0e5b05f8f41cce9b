"""A learnt conditional density of numbers given others: start, networks, draws, and its density where there is one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.determinism import seed_everything
from l1ml.errors import DataError
from l1ml.progress import SILENT, Part, Progress
from offline.density.training import Learner
from offline.inference.arrays import FloatArray, IntArray
from offline.inference.networks.best_pass import Best
from offline.inference.networks.layers import density_network
from offline.inference.networks.member_density import MemberDensity
from offline.inference.networks.member_training import fit_members, member_seeds
from offline.inference.networks.settings import Flow, NetworkSettings
from offline.inference.networks.start import LinearGaussian

__all__ = ["ConditionalDensity", "Rows", "fit_density"]

_NODES = 16
"""Of the integral over the second column that a flow of one quantity has; the density is smooth in it."""

_COPIES = 8
"""Times and noises for each held-out row of flow matching, whose loss is noisy."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Conditions as a network reads them and as a straight line does, shapes (n, k) and (n, f)."""

    inputs: FloatArray
    features: FloatArray

    def __len__(self) -> int:
        return len(self.inputs)

    def chosen(self, rows: IntArray) -> Rows:
        """Some of them."""
        return Rows(self.inputs[rows], self.features[rows])

    def repeated(self, n: int) -> Rows:
        """Each row `n` times, copies together."""
        return Rows(np.repeat(self.inputs, n, axis=0), np.repeat(self.features, n, axis=0))


class ConditionalDensity:
    """p(z | x) as the mean of one or more networks.

    Parameters
    ----------
    settings : Flow, Matching or Diffusion
        Of the networks.
    start : LinearGaussian
        What they start from.
    sizes : tuple of int
        Columns of z, columns of x, events of a set.
    members : list of list of ndarray
        Weights of each network.
    """

    def __init__(self, settings: NetworkSettings, start: LinearGaussian, sizes: tuple[int, int, int], members: Any) -> None:
        self.settings, self.start, self.sizes, self.members = settings, start, sizes, members
        self._learners: list[Learner] = []

    def with_learners(self, learners: list[Learner]) -> ConditionalDensity:
        """The same, with networks that have these weights already: making them takes longer than drawing."""
        self._learners = learners
        return self

    @property
    def dimension(self) -> int:
        """Columns of z."""
        return self.sizes[0]

    def draw(self, rows: Rows, n: int, rng: np.random.Generator) -> FloatArray:
        """`n` draws for each row, shape (rows, n, d); members take turns."""
        learners, d = self.learners(), self.dimension
        noise = rng.standard_normal((len(rows), n, learners[0].n_noise))
        drawn = np.empty((len(rows), n, d))
        for index, learner in enumerate(learners):
            mine = noise[:, index :: len(learners)]
            if mine.size:
                flat = learner.draw_from(mine.reshape(-1, mine.shape[-1]), rows.inputs)
                drawn[:, index :: len(learners)] = flat[:, :d].reshape(len(rows), -1, d)
        restored = self.start.restored(drawn.reshape(-1, d), rows.repeated(n).features)
        return restored.reshape(len(rows), n, d)

    def log_density(self, z: FloatArray, rows: Rows) -> FloatArray:
        """Logarithm of the density, shape (n,), of z of shape (n, d) given each row.

        Raises
        ------
        DataError
            If the networks have none.
        """
        if not self.settings.dense:
            msg = f"the network {self.settings.name!r} has no density; 'flow' has one"
            raise DataError(msg)
        residual = self.start.residual(z, rows.features)
        each = np.stack([_log_density(learner, residual, rows.inputs) for learner in self.learners()])
        return np.asarray(np.logaddexp.reduce(each, axis=0) - math.log(len(each)) + self.start.log_slope)

    def learners(self) -> list[Learner]:
        """Networks, made when they are needed first."""
        if not self._learners:
            self._learners = [_learner(self.settings, self.sizes, seed) for seed in range(len(self.members))]
            for learner, weights in zip(self._learners, self.members, strict=True):
                learner.load(weights)
        return self._learners

    def arrays(self) -> dict[str, Any]:
        """For a file; settings are kept by the owner."""
        weights = {f"member{m}/{i}": values for m, member in enumerate(self.members) for i, values in enumerate(member)}
        start = {f"start/{name}": values for name, values in self.start.arrays().items()}
        return {"sizes": np.array(self.sizes), "counts": np.array([len(member) for member in self.members]), **start, **weights}

    @staticmethod
    def from_arrays(settings: NetworkSettings, arrays: Mapping[str, Any]) -> ConditionalDensity:
        """Inverse of `arrays`."""
        start = LinearGaussian(arrays["start/coefficients"], arrays["start/root"])
        counts = arrays["counts"].tolist()
        members = [[arrays[f"member{m}/{i}"] for i in range(count)] for m, count in enumerate(counts)]
        d, k, slots = arrays["sizes"].tolist()
        return ConditionalDensity(settings, start, (d, k, slots), members)


def fit_density(
    settings: NetworkSettings, z: FloatArray, rows: Rows, slots: int, *, seed: int, progress: Progress = SILENT
) -> tuple[ConditionalDensity, dict[str, Any]]:
    """Learn p(z | x) from pairs, and how that went.

    Parameters
    ----------
    settings : Flow, Matching or Diffusion
        Of the networks and their training.
    z : ndarray of float64, shape (n, d)
        What is to be drawn.
    rows : Rows
        Given what.
    slots : int
        Events of a set, 0 where there are none.
    seed : int
        Of weights, order, noise and held-out rows.
    progress : Progress
        Told about updates.

    Raises
    ------
    DataError
        If there are too few pairs, or the loss stops being a number.
    """
    if len(z) < 50:
        msg = f"{len(z)} simulations are too few to learn from; give at least 50, better 1000 or more"
        raise DataError(msg)
    start = LinearGaussian.of(z, rows.features)
    residual, sizes = start.residual(z, rows.features), (z.shape[1], rows.inputs.shape[1], slots)
    if isinstance(settings, Flow) and (settings.members > 1 or settings.bootstrap):
        trained = _together(settings, sizes, residual, rows.inputs, seed=seed, progress=progress)
    else:
        trained = _each(settings, sizes, residual, rows.inputs, seed=seed, progress=progress)
    learners = [learner for learner, _ in trained]
    density = ConditionalDensity(settings, start, sizes, [learner.arrays() for learner in learners]).with_learners(learners)
    return density, {"simulations": len(z), "seed": seed, "members": [record for _, record in trained]}


def _each(
    settings: NetworkSettings, sizes: tuple[int, int, int], z: FloatArray, x: FloatArray, *, seed: int, progress: Progress
) -> list[tuple[Learner, dict[str, Any]]]:
    """Members one after another, with held-out rows, order and noise of their own."""
    return [
        _trained(settings, sizes, z, x, seed=word, progress=Part(progress, f"member {index} of {settings.members}"))
        for index, word in enumerate(member_seeds(seed, settings.members), start=1)
    ]


def _together(
    settings: Flow, sizes: tuple[int, int, int], z: FloatArray, x: FloatArray, *, seed: int, progress: Progress
) -> list[tuple[Learner, dict[str, Any]]]:
    """Members in one training. The first one is what it would be alone, but for rounding and for when training stops."""
    seeds = member_seeds(seed, settings.members)
    rng = np.random.default_rng(seeds[0])
    rng.permutation(len(z))  # as a training alone: noise comes after the held-out rows
    network = MemberDensity([_network(settings, sizes, one) for one in seeds])
    inputs = [_padded(z, max(2, sizes[0]), rng), x]
    _, record = fit_members(network, inputs, settings, seeds[0], progress)
    return list(zip(map(Learner, network.parted()), record, strict=True))


def _trained(
    settings: NetworkSettings, sizes: tuple[int, int, int], z: FloatArray, x: FloatArray, *, seed: int, progress: Progress
) -> tuple[Learner, dict[str, Any]]:
    """One network with the weights of its best pass, and its losses."""
    rng = np.random.default_rng(seed)
    seed_everything(seed)
    learner, order = _learner(settings, sizes, seed), rng.permutation(len(z))
    z, n = _padded(z, learner.n_noise, rng), max(1, round(settings.held_out * len(z)))
    held, used = order[:n], order[n:]
    copies = 1 if settings.dense else _COPIES
    best = Best(learner, [np.tile(values[held], (copies, 1)) for values in (z, x)], settings.patience, seed)
    ones = np.ones(len(used))
    losses = learner.train([z[used], x[used]], ones, settings.training, seed, progress=progress, enough=best.look)
    learner.load(best.weights)
    return learner, {"loss": losses, "held_out_loss": best.losses, "best_pass": best.at}


def _learner(settings: NetworkSettings, sizes: tuple[int, int, int], seed: int) -> Learner:
    """An untrained network, compiled."""
    return Learner(_network(settings, sizes, seed))


def _network(settings: NetworkSettings, sizes: tuple[int, int, int], seed: int) -> Any:
    """An untrained network. A flow of one quantity has a second column of noise, whose integral is known."""
    d = max(2, sizes[0]) if settings.dense else sizes[0]
    return density_network(settings, d, sizes[1], sizes[2], seed)


def _padded(z: FloatArray, columns: int, rng: np.random.Generator) -> FloatArray:
    """With standard normal columns at the end, as many as are missing."""
    return np.concatenate([z, rng.standard_normal((len(z), columns - z.shape[1]))], axis=1)


def _log_density(learner: Learner, z: FloatArray, x: FloatArray) -> FloatArray:
    """Of one network; over a second column of noise the mean of p(z, noise) / p(noise) is taken."""
    if z.shape[1] == learner.n_noise:
        return -learner.losses([z, x])
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    pairs = np.stack([np.repeat(z[:, 0], _NODES), np.tile(nodes, len(z))], axis=1)
    ratio = -learner.losses([pairs, np.repeat(x, _NODES, axis=0)]) + 0.5 * np.square(pairs[:, 1]) + 0.5 * math.log(2 * math.pi)
    return np.asarray(np.logaddexp.reduce(ratio.reshape(len(z), -1) + np.log(weights / weights.sum()), axis=1))
