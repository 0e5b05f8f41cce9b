"""The score of each event at one point of the parameters, learnt from joint scores (SALLY, arXiv:1805.00020)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from l1ml.configuration import from_mapping
from l1ml.errors import DataError
from l1ml.progress import SILENT, Progress
from offline.inference.arrays import FloatArray
from offline.inference.gold.settings import ScoreNetwork
from offline.inference.learnt_file import read_learnt, write_learnt
from offline.inference.networks.member_arrays import arrays_of_members, member_arrays
from offline.inference.networks.observations import Scaling

if TYPE_CHECKING:
    from offline.density.training import Learner

__all__ = ["LearntScore", "NeuralScore", "read_score"]

KIND = "score"

_FEWEST = 50


@dataclass(frozen=True, slots=True)
class NeuralScore:
    """The method.

    Parameters
    ----------
    network : ScoreNetwork
        Sizes.
    """

    network: ScoreNetwork = field(default_factory=ScoreNetwork)

    def fit(
        self,
        names: tuple[str, ...],
        point: FloatArray,
        x: FloatArray,
        score: FloatArray,
        *,
        seed: int = 1,
        progress: Progress = SILENT,
    ) -> LearntScore:
        """Learn the score at one point from events made there.

        Parameters
        ----------
        names : tuple of str
            Of the parameters.
        point : ndarray of float64, shape (d,)
            Where.
        x : ndarray of float64, shape (n, k)
            What was observed.
        score : ndarray of float64, shape (n, d)
            Joint scores.
        seed : int
            Of every random number.
        progress : Progress
            Told about updates.

        Raises
        ------
        DataError
            If events are too few, shapes do not fit, or the loss stops being a number.
        """
        from offline.inference.gold.layers import ScoreLoss  # Keras comes in here
        from offline.inference.networks.member_training import fit_members, member_seeds

        if len(x) < _FEWEST or score.shape != (len(x), len(names)) or point.shape != (len(names),):
            msg = f"at least {_FEWEST} events and scores of {len(names)} parameters are needed, received {x.shape}, {score.shape}"
            raise DataError(msg)
        scaling, width, seeds = Scaling.of(x), score.std(axis=0), member_seeds(seed, self.network.members)
        network = ScoreLoss(self.network.widths, len(names), x.shape[1], seeds)
        learner, record = fit_members(network, [scaling(x), score / width], self.network, seeds[0], progress)
        about = {"parameters": list(names), "point": point.tolist(), "events": len(x), "seed": seed, "members": record}
        return LearntScore(scaling, width, self.network, learner, about)


class LearntScore:
    """Observables that hold all that events say of small changes of the parameters; `NeuralScore.fit` makes it.

    Parameters
    ----------
    scaling : Scaling
        Of observations.
    width : ndarray of float64, shape (d,)
        Of the joint scores.
    settings : ScoreNetwork
        Of the networks.
    learner : Learner
        The networks.
    record : dict
        Parameters, point, and how training went.
    """

    def __init__(
        self, scaling: Scaling, width: FloatArray, settings: ScoreNetwork, learner: Learner, record: dict[str, Any]
    ) -> None:
        self._scaling, self._width, self._settings, self._learner, self.record = scaling, width, settings, learner, record

    @property
    def point(self) -> FloatArray:
        """The parameters, shape (d,)."""
        return np.array(self.record["point"])

    def __call__(self, x: FloatArray) -> FloatArray:
        """Scores, shape (n, d), of observations of shape (n, k): the mean over members."""
        if x.ndim != 2 or x.shape[1] != len(self._scaling.centre):
            msg = f"observations of shape {x.shape} do not fit: expected (n, {len(self._scaling.centre)})"
            raise DataError(msg)
        found = self._learner.draw_from(self._scaling(x), np.zeros((len(x), 1)))
        return np.asarray(found.reshape(len(x), -1, len(self._width)).mean(axis=1) * self._width)

    def information(self, x: FloatArray, weight: FloatArray | None = None) -> FloatArray:
        """Fisher information of one event at the point, shape (d, d), from events made there: the covariance of scores."""
        return np.atleast_2d(np.cov(self(x), rowvar=False, aweights=weight))

    def write(self, path: Path) -> None:
        """Write a file, whole or not at all."""
        header = {"network": asdict(self._settings), "record": self.record}
        arrays = {"width": self._width, **self._scaling.arrays(), **member_arrays(self._learner.arrays())}
        write_learnt(path, KIND, header, arrays)


def read_score(path: Path) -> LearntScore:
    """The score in the file `path`.

    Raises
    ------
    DataError
        If the file is missing, truncated or damaged.
    SchemaError
        If it holds something else.
    """
    from offline.density.training import Learner
    from offline.inference.gold.layers import ScoreLoss

    header, arrays = read_learnt(path, KIND)
    settings, scaling = from_mapping(ScoreNetwork, header["network"], str(path)), Scaling.from_arrays(arrays)
    network = ScoreLoss(settings.widths, len(arrays["width"]), len(scaling.centre), range(settings.members))
    learner = Learner(network)
    learner.load(arrays_of_members(arrays))
    return LearntScore(scaling, arrays["width"], settings, learner, header["record"])
