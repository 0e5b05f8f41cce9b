"""Ratios of likelihoods from classifiers (CARL, arXiv:1506.02169; NRE, arXiv:1903.04057; NRE-C, arXiv:2210.06170)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from l1ml.configuration import from_mapping
from l1ml.determinism import seed_everything
from l1ml.errors import DataError
from l1ml.progress import SILENT, Part, Progress
from offline.inference.arrays import FloatArray
from offline.inference.diagnostics.ratio_calibration import RatioCalibration, ratio_calibration
from offline.inference.distributions import Normal
from offline.inference.learnt_file import read_learnt, write_learnt
from offline.inference.networks.observations import Scaling
from offline.inference.networks.settings import RatioNetwork
from offline.inference.prior import Prior
from offline.inference.simulations import Simulations

if TYPE_CHECKING:
    from offline.density.training import Learner

__all__ = ["LearntRatio", "NeuralRatio", "TwoHypotheses", "calibration_of", "read_ratio"]

KIND = "ratio"

_SIDES = Prior({"hypothesis": Normal(0.0, 1.0)})
"""What tells two hypotheses apart: +1 and -1."""


@dataclass(frozen=True, slots=True)
class NeuralRatio:
    """The method.

    Parameters
    ----------
    network : RatioNetwork
        Pairs of two kinds, or contrasts.
    """

    network: RatioNetwork = field(default_factory=RatioNetwork)

    def fit(self, simulations: Simulations, *, seed: int = 1, progress: Progress = SILENT) -> LearntRatio:
        """Learn log p(x | theta) - log p(x), of one event where observations are sets of independent ones.

        Raises
        ------
        DataError
            If simulations are too few, or the loss stops being a number.
        """
        single = simulations.single_events()
        if len(single) < 50:
            msg = f"{len(single)} simulations are too few to learn from; give at least 50, better 1000 or more"
            raise DataError(msg)
        scaling = Scaling.of(single.x)
        scores, inputs = single.prior.scores(single.theta), scaling(single.x)
        members, record = [], []
        for index in range(self.network.members):
            word = int(np.random.SeedSequence((seed, index)).generate_state(1)[0] >> 1)
            part = Part(progress, f"member {index + 1} of {self.network.members}")
            weights, found = _trained(self.network, scores, inputs, word, part)
            members.append(weights)
            record.append(found)
        about = {"simulations": len(single), "seed": seed, "members": record}
        return LearntRatio(simulations.prior, scaling, self.network, members, about)

    def fit_two(self, one: FloatArray, two: FloatArray, *, seed: int = 1, progress: Progress = SILENT) -> TwoHypotheses:
        """Learn log p(x | one) - log p(x | two) from as many events of each, shapes (n, k): the form of CARL.

        Contrasts have no meaning there and are left out.
        """
        if one.shape != two.shape or one.ndim != 2:
            msg = f"two hypotheses need as many events of each, shape (n, k); received {one.shape} and {two.shape}"
            raise DataError(msg)
        theta = np.repeat([[1.0], [-1.0]], len(one), axis=0)
        both = Simulations(_SIDES, theta, np.concatenate([one, two]))
        return TwoHypotheses(self.fit(both, seed=seed, progress=progress))


class LearntRatio:
    """A `LikelihoodRatio`; `NeuralRatio.fit` makes it.

    Parameters
    ----------
    prior : Prior
        Of the parameters.
    scaling : Scaling
        Of observations.
    settings : RatioNetwork
        Of the networks.
    members : list of list of ndarray
        Weights of each.
    record : dict
        How training went.
    """

    def __init__(self, prior: Prior, scaling: Scaling, settings: RatioNetwork, members: Any, record: dict[str, Any]) -> None:
        self._prior, self._scaling, self._settings, self._members, self.record = prior, scaling, settings, members, record
        self._learners: list[Learner] = []

    @property
    def prior(self) -> Prior:
        """Of the parameters."""
        return self._prior

    def log_ratio(self, theta: FloatArray, x: FloatArray) -> FloatArray:
        """Shape (n,), of parameters of shape (n, d) and observations of shape (n, k).

        Raises
        ------
        DataError
            If parameters are outside the prior, where nothing was learnt, or shapes do not fit.
        """
        self._prior.check(theta)
        if x.shape != (len(theta), len(self._scaling.centre)):
            msg = f"observations of shape {x.shape} do not fit: expected ({len(theta)}, {len(self._scaling.centre)})"
            raise DataError(msg)
        scores, inputs = self._prior.scores(theta), self._scaling(x)
        return np.asarray(np.mean([learner.draw_from(scores, inputs)[:, 0] for learner in self._made()], axis=0), np.float64)

    def write(self, path: Path) -> None:
        """Write a file, whole or not at all."""
        arrays = self._scaling.arrays()
        arrays |= {f"member{m}/{i}": values for m, member in enumerate(self._members) for i, values in enumerate(member)}
        arrays["counts"] = np.array([len(member) for member in self._members])
        header = {"prior": self._prior.to_dict(), "network": asdict(self._settings), "record": self.record}
        write_learnt(path, KIND, header, arrays)

    def _made(self) -> list[Learner]:
        """Networks, made when they are needed first."""
        if not self._learners:
            for weights in self._members:
                self._learners.append(_learner(self._settings, self._prior.dimension, len(self._scaling.centre), 0))
                self._learners[-1].load(weights)
        return self._learners


@dataclass(frozen=True, slots=True, eq=False)
class TwoHypotheses:
    """Ratio of the densities under two hypotheses; `NeuralRatio.fit_two` makes it."""

    ratio: LearntRatio

    def log_ratio(self, x: FloatArray) -> FloatArray:
        """Logarithm of p(x | one) / p(x | two), shape (n,), of events of shape (n, k)."""
        side = np.ones((len(x), 1))
        return self.ratio.log_ratio(side, x) - self.ratio.log_ratio(-side, x)


def calibration_of(ratio: LearntRatio, simulations: Simulations, *, seed: int = 1) -> RatioCalibration:
    """Calibration on simulations that it was not trained on: each once with its parameters, once with those of another."""
    single, n = simulations.single_events(), len(simulations.single_events())
    order = np.random.default_rng(seed).permutation(n)
    # the next one in a random order is never the same one
    other = np.empty(n, np.int64)
    other[order] = np.roll(order, 1)
    logs = [ratio.log_ratio(theta, single.x) for theta in (single.theta, single.theta[other])]
    return ratio_calibration(np.concatenate(logs), np.repeat([True, False], n))


def read_ratio(path: Path) -> LearntRatio:
    """The ratio in the file `path`.

    Raises
    ------
    DataError
        If the file is missing, truncated or damaged.
    SchemaError
        If it holds something else.
    """
    header, arrays = read_learnt(path, KIND)
    members = [[arrays[f"member{m}/{i}"] for i in range(count)] for m, count in enumerate(arrays["counts"].tolist())]
    settings = from_mapping(RatioNetwork, header["network"], str(path))
    return LearntRatio(Prior.from_dict(header["prior"]), Scaling.from_arrays(arrays), settings, members, header["record"])


def _learner(settings: RatioNetwork, n_parameters: int, n_inputs: int, seed: int) -> Learner:
    from offline.density.training import Learner  # Keras comes in here
    from offline.inference.networks.ratio_layers import ratio_network

    return Learner(ratio_network(settings, n_parameters, n_inputs, seed))


def _trained(
    settings: RatioNetwork, scores: FloatArray, inputs: FloatArray, seed: int, progress: Progress
) -> tuple[list[Any], dict[str, Any]]:
    """Weights of one network at its best pass, and its losses."""
    from offline.inference.networks.best_pass import Best

    seed_everything(seed)
    learner = _learner(settings, scores.shape[1], inputs.shape[1], seed)
    order, n = np.random.default_rng(seed).permutation(len(scores)), max(1, round(settings.held_out * len(scores)))
    held, used = order[:n], order[n:]
    best = Best(learner, [scores[held], inputs[held]], settings.patience, seed)
    pairs, ones = [scores[used], inputs[used]], np.ones(len(used))
    losses = learner.train(pairs, ones, settings.training, seed, progress=progress, enough=best.look)
    return best.weights, {"loss": losses, "held_out_loss": best.losses, "best_pass": best.at}
