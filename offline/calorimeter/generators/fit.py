"""From showers to a generator."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TypedDict

import numpy as np

from l1ml import __version__
from l1ml.errors import DataError
from l1ml.progress import SILENT, Progress
from l1ml.storage import digest_of
from offline.calorimeter.generators.cascade import Cascade
from offline.calorimeter.generators.layer_flow import LayerFlow
from offline.calorimeter.generators.lean import Dipoles
from offline.calorimeter.generators.lean_fit import fit_lean
from offline.calorimeter.generators.ring_sums import RingSums
from offline.calorimeter.generators.settings import CascadeSettings
from offline.calorimeter.geometry import CalorimeterGeometry
from offline.calorimeter.shower_file import ShowerFile
from offline.calorimeter.showers import Showers
from offline.calorimeter.transforms.latent_scores import latent_scores
from offline.calorimeter.transforms.layer_code import LayerCode
from offline.calorimeter.transforms.scores import Scores
from offline.folder_checkpoint import FolderCheckpoint

__all__ = ["fit_cascade"]

_SWEEPS = 10
"""Of the sampler that says what numbers of hits stand for; correlations have settled then."""

_FEWEST = 1000


def fit_cascade(
    showers: Showers | ShowerFile,
    settings: CascadeSettings | None = None,
    *,
    threshold: float | None = None,
    folder: Path | None = None,
    progress: Progress = SILENT,
) -> Cascade:
    """Train a `Cascade`.

    Parameters
    ----------
    showers : Showers or ShowerFile
        What it learns from; of a file only sums over rings are kept in memory.
    settings : CascadeSettings, optional
        How; those of its defaults when left out.
    threshold : float, optional
        Energy of a voxel below which there is none, MeV; that of the file, or the smallest there is, when left out.
    folder : Path, optional
        Where it is kept after each epoch; a training of the same showers and settings that was stopped goes on from there, to the
        same weights.
    progress : Progress
        Told about epochs.

    Raises
    ------
    DataError
        If there are too few showers, one is empty or below the threshold, or a layer has no energy in any.
    TrainingError
        If a loss is not finite.
    """
    chosen = settings or CascadeSettings()
    if len(showers) < _FEWEST:
        msg = f"a generator learns from {_FEWEST} showers or more, received {len(showers)}"
        raise DataError(msg)
    geometry = showers.geometry
    cut, sums, dipoles = _read(showers, threshold)
    # the last ones are held out: any order in a file must not matter
    order = np.random.default_rng((chosen.seed, 0)).permutation(len(showers))
    sums, dipoles = sums.select(order), dipoles.select(order)
    hits = sums.layer_hits(geometry)
    capacity = [layer.n_voxels for layer in geometry.layers]
    code = LayerCode.of(sums.incident, sums.layers, hits, capacity=capacity, threshold=cut)
    rng = np.random.default_rng((chosen.seed, 1))
    columns = code.forward(sums.incident, sums.layers, hits, rng)
    low, high = code.ranges(columns, sums.layers, hits)
    first = Scores.of(columns, sums.incident)
    scores, coded = latent_scores(first, columns, sums.incident, low=low, high=high, sweeps=_SWEEPS, rng=rng)

    # Keras comes in here: a generator that is trained already does without
    from offline.calorimeter.generators.training import train_flow, train_rings

    # scale of energies: what a layer with the fewest hits has
    hit_energy = float(sums.layers[hits == hits[hits > 0].min()].mean())
    held_out = max(1, int(chosen.held_out * len(showers)))
    at = (np.log(sums.incident) - scores.scale[0]) / scores.scale[1]
    told: _Told = {"progress": progress, "checkpoint": _checkpoint(folder, geometry, cut, sums, chosen)}
    velocity, flow_record = train_flow(coded, at, held_out, chosen.flow, seed=chosen.seed, **told)
    law, ring_record = train_rings(geometry, sums, held_out, hit_energy, chosen.rings, seed=chosen.seed + 1, **told)
    lean = fit_lean(sums, dipoles, law, cut, np.random.default_rng((chosen.seed, 2)))
    record = {
        "showers": len(showers),
        "leans": lean is not None,
        "settings": asdict(chosen),
        "flow": flow_record,
        "rings": ring_record,
    }
    flow = LayerFlow(code, scores, velocity, chosen.steps)
    span = float(sums.incident.min()), float(sums.incident.max())
    return Cascade(geometry, cut, span, flow, law, record, lean)


class _Told(TypedDict):
    """What both trainings are told alike."""

    progress: Progress
    checkpoint: FolderCheckpoint | None


def _checkpoint(
    folder: Path | None, geometry: CalorimeterGeometry, threshold: float, sums: RingSums, settings: CascadeSettings
) -> FolderCheckpoint | None:
    """In `folder`, under the digest of all that decides the weights."""
    if folder is None:
        return None
    arrays = {name: hashlib.sha256(np.ascontiguousarray(getattr(sums, name)).data).hexdigest() for name in RingSums.__slots__}
    versions = {"l1ml": __version__, **{name: version(name) for name in ("numpy", "keras", "tensorflow")}}
    key = digest_of(
        {"sums": arrays, "geometry": geometry.digest, "threshold": threshold, "settings": asdict(settings), "versions": versions}
    )
    return FolderCheckpoint(folder / key[:16], key)


def _read(showers: Showers | ShowerFile, threshold: float | None) -> tuple[float, RingSums, Dipoles]:
    """Threshold, and the sums and dipoles of all showers."""
    batches: Iterable[Showers] = showers.batches() if isinstance(showers, ShowerFile) else _parts(showers)
    known = threshold if threshold is not None or isinstance(showers, Showers) else showers.threshold or None
    cut = known if known is not None else min(float(part.energies[part.energies > 0].min(initial=np.inf)) for part in batches)
    if not 0 <= cut < np.inf:
        msg = f"a threshold is 0 MeV or more, and there is a voxel with energy; received {cut}"
        raise DataError(msg)
    batches = showers.batches() if isinstance(showers, ShowerFile) else _parts(showers)
    parts = [(RingSums.of(_checked(part, cut), cut), Dipoles.of(part)) for part in batches]
    return cut, RingSums.concatenate([part[0] for part in parts]), Dipoles.concatenate([part[1] for part in parts])


def _parts(showers: Showers) -> list[Showers]:
    return [showers.select(slice(start, start + 1000)) for start in range(0, len(showers), 1000)]


def _checked(showers: Showers, threshold: float) -> Showers:
    low = (showers.energies > 0) & (showers.energies < np.float32(threshold))
    if low.any():
        msg = f"{int(low.sum())} voxels hold less than the threshold of {threshold:g} MeV: cut with showers.above(threshold)"
        raise DataError(msg)
    return showers
