"""The first stage of a training: showers as sums over rings, and a flow of the energies and hits of their layers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from l1ml.progress import Progress
from l1ml.storage import digest_of
from offline.calorimeter.generators.kept_training import array_digest
from offline.calorimeter.generators.layer_flow import LayerFlow
from offline.calorimeter.generators.ring_sums import RingSums
from offline.calorimeter.generators.settings import Schedule
from offline.calorimeter.geometry import CalorimeterGeometry
from offline.calorimeter.shower_file import ShowerFile
from offline.calorimeter.showers import Showers
from offline.calorimeter.transforms.latent_scores import latent_scores
from offline.calorimeter.transforms.layer_code import LayerCode
from offline.calorimeter.transforms.scores import Scores
from offline.folder_checkpoint import FolderCheckpoint

__all__ = ["LayerSample", "fit_layers"]

_SWEEPS = 10
"""Of the sampler that says what numbers of hits stand for; correlations have settled then."""

_FEWEST = 1000


@dataclass(frozen=True, eq=False, slots=True)
class LayerSample:
    """Showers of a training, in a random order: the last ones are held out, and any order in a file must not matter.

    Parameters
    ----------
    geometry : CalorimeterGeometry
        Voxels.
    threshold : float
        Energy of a voxel below which there is none, MeV.
    order : ndarray of int64, shape (n,)
        Row of each shower where it comes from.
    sums : RingSums
        Of the showers.
    held_out : int
        How many of the last ones are not learnt from.
    """

    geometry: CalorimeterGeometry
    threshold: float
    order: NDArray[np.int64]
    sums: RingSums
    held_out: int

    @classmethod
    def of(cls, showers: Showers | ShowerFile, threshold: float | None, held_out: float, seed: int) -> Self:
        """`showers` to learn from; `threshold` as that of `fit_cascade`, `held_out` a share of them.

        Raises
        ------
        DataError
            If there are too few showers, or voxels below the threshold.
        """
        if len(showers) < _FEWEST:
            msg = f"a generator learns from {_FEWEST} showers or more, received {len(showers)}"
            raise DataError(msg)
        cut, sums = _read(showers, threshold)
        order = np.random.default_rng((seed, 0)).permutation(len(showers))
        return cls(showers.geometry, cut, order, sums.select(order), max(1, int(held_out * len(showers))))

    def digest(self) -> str:
        """SHA-256 of all that the first stage learns from."""
        sums = {name: array_digest(getattr(self.sums, name)) for name in RingSums.__slots__}
        return digest_of({"sums": sums, "geometry": self.geometry.digest, "threshold": self.threshold})

    @property
    def hits(self) -> NDArray[np.int64]:
        """Of each layer, shape (n, n_layers)."""
        return self.sums.layer_hits(self.geometry)

    @property
    def hit_energy(self) -> float:
        """Scale of energies, MeV: what a layer with the fewest hits has."""
        hits = self.hits
        return float(self.sums.layers[hits == hits[hits > 0].min()].mean())

    @property
    def energy_range(self) -> tuple[float, float]:
        """Of the particles, MeV."""
        return float(self.sums.incident.min()), float(self.sums.incident.max())


def fit_layers(
    sample: LayerSample,
    schedule: Schedule,
    *,
    steps: int,
    seed: int,
    progress: Progress,
    checkpoint: FolderCheckpoint | None,
) -> tuple[LayerFlow, dict[str, Any]]:
    """The flow of layers, of `steps` steps, and how its training went; it is kept in `checkpoint` after each epoch.

    Raises
    ------
    DataError
        If a shower is empty, or a layer has no energy in any.
    TrainingError
        If a loss is not finite.
    """
    sums, hits = sample.sums, sample.hits
    capacity = [layer.n_voxels for layer in sample.geometry.layers]
    code = LayerCode.of(sums.incident, sums.layers, hits, capacity=capacity, threshold=sample.threshold)
    rng = np.random.default_rng((seed, 1))
    columns = code.forward(sums.incident, sums.layers, hits, rng)
    low, high = code.ranges(columns, sums.layers, hits)
    first = Scores.of(columns, sums.incident)
    scores, coded = latent_scores(first, columns, sums.incident, low=low, high=high, sweeps=_SWEEPS, rng=rng)

    # Keras comes in here: a generator that is trained already does without
    from offline.calorimeter.generators.training import train_flow

    at = (np.log(sums.incident) - scores.scale[0]) / scores.scale[1]
    velocity, record = train_flow(coded, at, sample.held_out, schedule, seed=seed, progress=progress, checkpoint=checkpoint)
    return LayerFlow(code, scores, velocity, steps), record


def _read(showers: Showers | ShowerFile, threshold: float | None) -> tuple[float, RingSums]:
    """Threshold, and the sums of all showers."""
    batches: Iterable[Showers] = showers.batches() if isinstance(showers, ShowerFile) else _parts(showers)
    known = threshold if threshold is not None or isinstance(showers, Showers) else showers.threshold or None
    cut = known if known is not None else min(float(part.energies[part.energies > 0].min(initial=np.inf)) for part in batches)
    if not 0 <= cut < np.inf:
        msg = f"a threshold is 0 MeV or more, and there is a voxel with energy; received {cut}"
        raise DataError(msg)
    batches = showers.batches() if isinstance(showers, ShowerFile) else _parts(showers)
    return cut, RingSums.concatenate([RingSums.of(_checked(part, cut), cut) for part in batches])


def _parts(showers: Showers) -> list[Showers]:
    return [showers.select(slice(start, start + 1000)) for start in range(0, len(showers), 1000)]


def _checked(showers: Showers, threshold: float) -> Showers:
    low = (showers.energies > 0) & (showers.energies < np.float32(threshold))
    if low.any():
        msg = f"{int(low.sum())} voxels hold less than the threshold of {threshold:g} MeV: cut with showers.above(threshold)"
        raise DataError(msg)
    return showers
