"""Posteriors from simulations alone: a network learns p(theta | x) (arXiv:1605.06376, arXiv:2305.17161 for flow matching)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from l1ml.errors import DataError
from l1ml.progress import SILENT, Progress
from offline.inference.arrays import BoolArray, FloatArray
from offline.inference.learnt_file import read_learnt, write_learnt
from offline.inference.networks.observations import Scaling
from offline.inference.networks.settings import Flow, NetworkSettings, network_from, table_of
from offline.inference.prior import Prior
from offline.inference.simulations import Simulations

if TYPE_CHECKING:
    from offline.inference.networks.conditional import ConditionalDensity, Rows

__all__ = ["DenseLearntPosterior", "LearntPosterior", "NeuralPosterior", "read_posterior"]

KIND = "posterior"

_ROUNDS, _AT_ONCE = 50, 8192

_FAR = 8.0
"""Scaled distance, half as much again as any of 10,000 simulations of a Gaussian, beyond which an observation is strange."""


@dataclass(frozen=True, slots=True)
class NeuralPosterior:
    """The method.

    Parameters
    ----------
    network : Flow, Matching or Diffusion
        A flow has a density; flow matching is the better of the two with few simulations; a diffusion is for narrow posteriors.
    """

    network: NetworkSettings = field(default_factory=Flow)

    def fit(self, simulations: Simulations, *, seed: int = 1, progress: Progress = SILENT) -> LearntPosterior:
        """Learn the posterior for the prior of `simulations`, for any observation.

        Parameters
        ----------
        simulations : Simulations
            Parameters are made standard normal by their prior, observations are scaled; a straight line comes first and the
            network learns what it lacks. Of sets a deep set makes the conditions.
        seed : int
            Of every random number.
        progress : Progress
            Told about updates.

        Raises
        ------
        DataError
            If simulations are too few, or the loss stops being a number.
        """
        from offline.inference.networks.conditional import fit_density  # Keras comes in here

        scaling = Scaling.of(simulations.x, simulations.mask)
        plain = self.network.coordinates == "plain"
        scores = simulations.theta if plain else simulations.prior.scores(simulations.theta)
        rows = _rows(scaling, simulations.x, simulations.mask)
        density, record = fit_density(self.network, scores, rows, scaling.slots, seed=seed, progress=progress)
        furthest = float(scaling.distance(simulations.x, simulations.mask).max())
        return _made(simulations.prior, scaling, density, {"furthest": furthest, **record})


class LearntPosterior:
    """A `Posterior` that a network stands for; `NeuralPosterior.fit` makes it.

    Parameters
    ----------
    prior : Prior
        Of the parameters.
    scaling : Scaling
        Of observations.
    density : ConditionalDensity
        Of scores of parameters.
    record : dict
        How training went.
    """

    def __init__(self, prior: Prior, scaling: Scaling, density: ConditionalDensity, record: dict[str, Any]) -> None:
        self._prior, self._scaling, self._density, self.record = prior, scaling, density, record

    @property
    def prior(self) -> Prior:
        """Of the parameters."""
        return self._prior

    @property
    def takes_sets(self) -> bool:
        """Whether an observation is a set of events."""
        return self._scaling.slots > 0

    def sample(self, x: FloatArray, n: int, rng: np.random.Generator) -> FloatArray:
        """`n` draws, shape (n, d), given one observation, shape (k,), or one set of events, shape (m, k).

        Warns
        -----
        UserWarning
            If the observation is far outside what was simulated.
        """
        self._look(x)
        return np.asarray(self._draws(_rows(self._scaling, x[None], None), n, rng)[0])

    def sample_each(self, simulations: Simulations, n: int, rng: np.random.Generator) -> FloatArray:
        """`n` draws given each observation, shape (rows, n, d)."""
        return self._draws(_rows(self._scaling, simulations.x, simulations.mask), n, rng)

    def write(self, path: Path) -> None:
        """Write a file, whole or not at all."""
        header = {"prior": self._prior.to_dict(), "network": table_of(self._density.settings), "record": self.record}
        write_learnt(path, KIND, header, self._scaling.arrays() | self._density.arrays())

    def _draws(self, rows: Rows, n: int, rng: np.random.Generator) -> FloatArray:
        drawn = self._density.draw(rows, n, rng)
        if self._density.settings.coordinates == "scores":
            return self._prior.values(drawn)
        return self._inside(drawn, rows, rng)

    def _inside(self, theta: FloatArray, rows: Rows, rng: np.random.Generator) -> FloatArray:
        """`theta`, shape (rows, n, d), with what is outside the prior drawn again until it is inside."""
        for _ in range(_ROUNDS):
            place, draw = np.nonzero(~self._prior.supports(theta))
            if not len(place):
                return theta
            # the fewer are left, the more tries each of them has: a network is asked about thousands at the price of one
            tries = max(1, _AT_ONCE // len(place))
            found = self._density.draw(rows.chosen(place), tries, rng)
            inside = self._prior.supports(found)
            first, some = inside.argmax(axis=1), inside.any(axis=1)
            theta[place[some], draw[some]] = found[some, first[some]]
        msg = f"of {theta[..., 0].size} draws {len(place)} stay outside the prior: simulate more, or use coordinates = 'scores'"
        raise DataError(msg)

    def _look(self, x: FloatArray) -> None:
        """Refuse an observation that is not finite, warn of one that is strange."""
        if not np.isfinite(x).all():
            msg = "the observation holds numbers that are not finite"
            raise DataError(msg)
        far = float(self._scaling.distance(x[None])[0])
        if far > max(_FAR, self.record.get("furthest", 0.0)):
            msg = f"the observation is {far:.1f} widths from the median of what was simulated: the posterior is a guess there"
            warnings.warn(msg, stacklevel=3)


class DenseLearntPosterior(LearntPosterior):
    """One whose density is known."""

    def log_density_each(self, simulations: Simulations, theta: FloatArray) -> FloatArray:
        """Logarithm of the density at `theta`, shape (rows, n, d); shape (rows, n)."""
        rows = _rows(self._scaling, simulations.x, simulations.mask).repeated(theta.shape[1])
        return self._log_density(theta.reshape(-1, theta.shape[-1]), rows).reshape(theta.shape[:2])

    def log_density(self, theta: FloatArray, x: FloatArray) -> FloatArray:
        """Logarithm of the density at `theta`, shape (n, d), given one observation; shape (n,)."""
        return self._log_density(theta, _rows(self._scaling, x[None], None).repeated(len(theta)))

    def _log_density(self, theta: FloatArray, rows: Rows) -> FloatArray:
        inside = self._prior.supports(theta)
        kept = np.where(inside[:, None], theta, self._prior.values(np.zeros(self._prior.dimension)))
        found = self._density.log_density(self._prior.scores(kept), rows) + self._prior.log_slope(kept)
        return np.where(inside, found, -np.inf)


def read_posterior(path: Path) -> LearntPosterior:
    """The posterior in the file `path`: it gives the same draws as the one that was written.

    Raises
    ------
    DataError
        If the file is missing, truncated or damaged.
    SchemaError
        If it holds something else.
    """
    from offline.inference.networks.conditional import ConditionalDensity

    header, arrays = read_learnt(path, KIND)
    density = ConditionalDensity.from_arrays(network_from(header["network"], str(path)), arrays)
    return _made(Prior.from_dict(header["prior"]), Scaling.from_arrays(arrays), density, header["record"])


def _made(prior: Prior, scaling: Scaling, density: ConditionalDensity, record: dict[str, Any]) -> LearntPosterior:
    return (DenseLearntPosterior if density.settings.dense else LearntPosterior)(prior, scaling, density, record)


def _rows(scaling: Scaling, x: FloatArray, mask: BoolArray | None) -> Rows:
    from offline.inference.networks.conditional import Rows

    inputs = scaling.inputs(x, mask)
    return Rows(inputs, scaling.features(inputs))
