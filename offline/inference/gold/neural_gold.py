"""Ratios learnt with joint labels: from far fewer simulations than classifiers need (arXiv:1805.00013)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from l1ml.configuration import from_mapping
from l1ml.errors import DataError
from l1ml.progress import SILENT, Progress
from offline.inference.arrays import FloatArray
from offline.inference.ensemble_ratio import EnsembleRatio
from offline.inference.gold.labels import Gold
from offline.inference.gold.settings import GoldNetwork
from offline.inference.learnt_file import read_learnt, write_learnt
from offline.inference.networks.member_arrays import arrays_of_members, member_arrays
from offline.inference.networks.observations import Scaling
from offline.inference.prior import Prior

if TYPE_CHECKING:
    from offline.density.training import Learner

__all__ = ["GoldRatio", "NeuralGold", "read_gold_ratio"]

KIND = "ratio with gold"

_FEWEST = 50
_MOST = 80.0
"""Logarithms of ratios that single precision holds the exponential of."""


@dataclass(frozen=True, slots=True)
class NeuralGold:
    """The method.

    Parameters
    ----------
    network : GoldNetwork
        Loss and sizes.
    """

    network: GoldNetwork = field(default_factory=GoldNetwork)

    def fit(self, gold: Gold, *, seed: int = 1, progress: Progress = SILENT) -> GoldRatio:
        """Learn log p(x | theta) over the reference density of `gold`, of one event.

        Raises
        ------
        DataError
            If events are too few, or the loss stops being a number.
        """
        from offline.inference.gold.layers import GoldLoss  # Keras comes in here
        from offline.inference.networks.member_training import fit_members, member_seeds

        if len(gold) < _FEWEST:
            msg = f"{len(gold)} events are too few to learn from; give at least {_FEWEST}, better 1000 or more"
            raise DataError(msg)
        x_scaling, theta_scaling = Scaling.of(gold.x), _Line.of(gold.theta)
        drawn, log_ratio = gold.drawn[:, None], np.clip(gold.log_ratio, -_MOST, _MOST)[:, None]
        labels = np.concatenate([drawn, log_ratio, gold.score * theta_scaling.width], axis=1)
        seeds = member_seeds(seed, self.network.members)
        network = GoldLoss(self.network, gold.theta.shape[1], gold.x.shape[1], seeds)
        inputs = [theta_scaling(gold.theta), x_scaling(gold.x), labels]
        learner, record = fit_members(network, inputs, self.network, seeds[0], progress)
        about = {"events": len(gold), "seed": seed, "members": record}
        return GoldRatio(gold.prior, (theta_scaling, x_scaling), self.network, learner, about)


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """Parameters in units of their spread: slopes by them keep a simple meaning, as they would not by normal scores."""

    centre: FloatArray
    width: FloatArray

    @staticmethod
    def of(theta: FloatArray) -> _Line:
        return _Line(theta.mean(axis=0), theta.std(axis=0))

    def __call__(self, theta: FloatArray) -> FloatArray:
        return (theta - self.centre) / self.width


class GoldRatio(EnsembleRatio):
    """A `LikelihoodRatio`; `NeuralGold.fit` makes it.

    Parameters
    ----------
    prior : Prior
        Of the parameters.
    scalings : tuple
        Of parameters and of observations.
    settings : GoldNetwork
        Of the networks.
    learner : Learner
        The networks.
    record : dict
        How training went.
    """

    def __init__(
        self, prior: Prior, scalings: tuple[_Line, Scaling], settings: GoldNetwork, learner: Learner, record: dict[str, Any]
    ) -> None:
        super().__init__(prior, *scalings, learner)
        self._line, self._settings, self.record = scalings[0], settings, record

    def write(self, path: Path) -> None:
        """Write a file, whole or not at all."""
        line, scaling = self._line, self._scaling
        header = {"prior": self._prior.to_dict(), "network": asdict(self._settings), "record": self.record}
        arrays = {"line/centre": line.centre, "line/width": line.width, **scaling.arrays()}
        write_learnt(path, KIND, header, arrays | member_arrays(self._learner.arrays()))


def read_gold_ratio(path: Path) -> GoldRatio:
    """The ratio in the file `path`.

    Raises
    ------
    DataError
        If the file is missing, truncated or damaged.
    SchemaError
        If it holds something else.
    """
    from offline.density.training import Learner
    from offline.inference.gold.layers import GoldLoss

    header, arrays = read_learnt(path, KIND)
    prior, settings = Prior.from_dict(header["prior"]), from_mapping(GoldNetwork, header["network"], str(path))
    scalings = _Line(arrays["line/centre"], arrays["line/width"]), Scaling.from_arrays(arrays)
    learner = Learner(GoldLoss(settings, prior.dimension, len(scalings[1].centre), range(settings.members)))
    learner.load(arrays_of_members(arrays))
    return GoldRatio(prior, scalings, settings, learner, header["record"])
