"""Ratios of likelihoods from classifiers (CARL, arXiv:1506.02169; NRE, arXiv:1903.04057; NRE-C, arXiv:2210.06170)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from l1ml.configuration import from_mapping
from l1ml.errors import DataError
from l1ml.progress import SILENT, Progress
from offline.inference.arrays import FloatArray
from offline.inference.diagnostics.ratio_calibration import RatioCalibration, ratio_calibration
from offline.inference.distributions import Normal
from offline.inference.ensemble_ratio import EnsembleRatio
from offline.inference.learnt_file import read_learnt, write_learnt
from offline.inference.networks.member_arrays import arrays_of_members, member_arrays
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
        from offline.inference.networks.member_training import fit_members, member_seeds  # Keras comes in here
        from offline.inference.networks.ratio_layers import ratio_network

        scaling, seeds = Scaling.of(single.x), member_seeds(seed, self.network.members)
        inputs = [single.prior.scores(single.theta), scaling(single.x)]
        network = ratio_network(self.network, single.prior.dimension, inputs[1].shape[1], seeds)
        learner, record = fit_members(network, inputs, self.network, seeds[0], progress)
        about = {"simulations": len(single), "seed": seed, "members": record}
        return LearntRatio(simulations.prior, scaling, self.network, learner, about)

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


class LearntRatio(EnsembleRatio):
    """A `LikelihoodRatio`; `NeuralRatio.fit` makes it.

    Parameters
    ----------
    prior : Prior
        Of the parameters.
    scaling : Scaling
        Of observations.
    settings : RatioNetwork
        Of the networks.
    learner : Learner
        The networks.
    record : dict
        How training went.
    """

    def __init__(self, prior: Prior, scaling: Scaling, settings: RatioNetwork, learner: Learner, record: dict[str, Any]) -> None:
        super().__init__(prior, prior.scores, scaling, learner)
        self._settings, self.record = settings, record

    def write(self, path: Path) -> None:
        """Write a file, whole or not at all."""
        header = {"prior": self._prior.to_dict(), "network": asdict(self._settings), "record": self.record}
        write_learnt(path, KIND, header, self._scaling.arrays() | member_arrays(self._learner.arrays()))


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
    from offline.density.training import Learner
    from offline.inference.networks.ratio_layers import ratio_network

    header, arrays = read_learnt(path, KIND)
    settings = from_mapping(RatioNetwork, header["network"], str(path))
    prior, scaling = Prior.from_dict(header["prior"]), Scaling.from_arrays(arrays)
    learner = Learner(ratio_network(settings, prior.dimension, len(scaling.centre), range(settings.members)))
    learner.load(arrays_of_members(arrays))
    return LearntRatio(prior, scaling, settings, learner, header["record"])
