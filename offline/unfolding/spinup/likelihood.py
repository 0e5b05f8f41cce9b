"""The likelihood of the data under a density of the truth, and the table of likely truths that it is computed from."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.progress import Progress
from offline.unfolding.sample import FloatArray
from offline.unfolding.spinup.flow import Flow
from offline.unfolding.spinup.lattice import gaussian_lattice
from offline.unfolding.spinup.response import Response
from offline.unfolding.spinup.training import FlowLikelihood, Likelihood, predict

__all__ = ["DataLikelihood", "Proposals", "contamination_density", "propose"]

keras = require("keras")
ops = keras.ops

_HALF_LOG_2PI = 0.5 * float(np.log(2 * np.pi))


@dataclass(frozen=True, eq=False)
class Proposals:
    """Likely truths of measured events.

    Parameters
    ----------
    truth : ndarray of float32, shape (n, k, d)
        Drawn from the proposal q given each event.
    log_ratio : ndarray of float32, shape (n, k)
        ln p(x | truth) - ln q(truth | x).
    """

    truth: NDArray[np.float32]
    log_ratio: NDArray[np.float32]


class Proposer(keras.Model):  # type: ignore[name-defined, misc]  # keras has no types
    """Draws truths for measured events and compares surrogate with proposal there; noise of standard deviation `width`."""

    def __init__(self, response: Response, width: float) -> None:
        super().__init__()
        self.surrogate, self.proposal, self.width = response.surrogate, response.proposal, width

    def call(self, inputs: Any) -> Any:
        """Truths and log ratio, last axis d + 1, of (measured, noise)."""
        x, noise = inputs[0][None, :, None], inputs[1][None]
        truth = self.proposal.draw(self.width * noise, x)
        # q is the density of the widened noise carried over: that of the flow, with the base density exchanged
        widened = -0.5 * ops.sum(noise * noise * (1 - self.width**2), axis=-1) - truth.shape[-1] * float(np.log(self.width))
        log_ratio = self.surrogate.log_density(x, truth) - self.proposal.log_density(truth, x) - widened
        return ops.concatenate([truth, log_ratio[..., None]], axis=-1)[0]


def propose(
    response: Response, reco: FloatArray, *, draws: int, width: float, batch: int, rng: np.random.Generator, progress: Progress
) -> Proposals:
    """`draws` likely truths of each of the events `reco` (in coordinates), computed once for the whole fit."""
    model = Proposer(response, width)
    n, d = len(reco), response.gen.d
    truth, log_ratio = np.empty((n, draws, d), np.float32), np.empty((n, draws), np.float32)
    size = max(1, min(n, 8 * batch // draws))
    progress.start("proposing truths", n)
    for first in range(0, n, size):
        rows = slice(first, min(first + size, n))
        noise = gaussian_lattice(rows.stop - first, draws, d, rng)
        out = predict(model, (reco[rows].astype(np.float32), noise.astype(np.float32)), size)
        truth[rows], log_ratio[rows] = out[..., :d], out[..., d]
        progress.advance(rows.stop - first)
    progress.finish()
    return Proposals(truth, log_ratio)


class DataLikelihood(Likelihood):
    """ln [(1 - c) (1/K) sum_k p(x | z_k) p_theta(z_k) / q(z_k | x) + c p_c(x)] for every member theta.

    p_theta is the density of truths that are reconstructed, so its integral is one whatever the efficiency is; dividing by the
    efficiency afterwards gives that of all truths. It is the same likelihood as p_theta eps / integral of p_theta eps, without
    an integral to compute in every step. c is the share, p_c the density of fakes and background.

    Inputs: truth (n, k, d), log_ratio (n, k), log p_c (n, 1), weight (n, members).
    """

    def __init__(self, flow: Flow, share: FloatArray) -> None:
        super().__init__()
        self.flow = flow
        self.log_signal, self.log_contamination = (
            self.add_weight(name=name, shape=(flow.members,), initializer="zeros", dtype="float32", trainable=False)
            for name in ("log_signal", "log_contamination")
        )
        with np.errstate(divide="ignore"):
            self.log_signal.assign(np.log1p(-share))
            self.log_contamination.assign(np.maximum(np.log(share), -1e4))

    @property
    def recipe(self) -> tuple[Callable[..., Likelihood], tuple[Hashable, ...]]:
        """Another flow of the same size, for other shares."""
        return _data_likelihood, self.flow.size

    def call(self, inputs: Any) -> Any:
        """Log likelihood of each event, shape (n, members)."""
        truth, log_ratio, contamination = inputs[0], inputs[1], inputs[2]
        terms = self.flow.log_density(truth[None]) + log_ratio[None]
        signal = ops.transpose(ops.logsumexp(terms, axis=-1)) - float(np.log(truth.shape[1]))
        return ops.logaddexp(signal + self.log_signal, contamination + self.log_contamination)


def _data_likelihood(*size: Any) -> DataLikelihood:
    flow = Flow(*size)
    return DataLikelihood(flow, np.full(flow.members, 0.5))


def contamination_density(flow: Flow | None, reco: FloatArray, batch: int) -> NDArray[np.float32]:
    """Log density of fakes and background at `reco`, shape (n, 1); of none at all without a flow."""
    if flow is None:
        return np.zeros((len(reco), 1), np.float32)
    one = np.ones((len(reco), 1), np.float32)
    return predict(FlowLikelihood(flow), (reco.astype(np.float32), one), batch).astype(np.float32)
