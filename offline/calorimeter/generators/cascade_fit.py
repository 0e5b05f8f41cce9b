"""From showers to a cascade."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TypedDict

import numpy as np

from l1ml.progress import SILENT, Progress
from offline.calorimeter.generators.cascade import Cascade
from offline.calorimeter.generators.kept_training import kept_training
from offline.calorimeter.generators.layer_fit import LayerSample, fit_layers
from offline.calorimeter.generators.lean_fit import dipoles_of, fit_lean
from offline.calorimeter.generators.settings import CascadeSettings
from offline.calorimeter.shower_file import ShowerFile
from offline.calorimeter.showers import Showers
from offline.folder_checkpoint import FolderCheckpoint

__all__ = ["fit_cascade"]


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
    sample = LayerSample.of(showers, threshold, chosen.held_out, chosen.seed)
    checkpoint = kept_training(folder, {"sample": sample.digest(), "settings": asdict(chosen)})
    told: _Told = {"progress": progress, "checkpoint": checkpoint}
    flow, flow_record = fit_layers(sample, chosen.flow, steps=chosen.steps, seed=chosen.seed, **told)

    from offline.calorimeter.generators.training import train_rings

    learnt = sample.geometry, sample.sums, sample.held_out, sample.hit_energy
    law, ring_record = train_rings(*learnt, chosen.rings, seed=chosen.seed + 1, **told)
    lean = fit_lean(sample, dipoles_of(showers).select(sample.order), law, np.random.default_rng((chosen.seed, 2)))
    record = {"showers": len(showers), "leans": lean is not None, "settings": asdict(chosen)}
    record |= {"flow": flow_record, "rings": ring_record}
    return Cascade(sample.geometry, sample.threshold, sample.energy_range, flow, law, record, lean)


class _Told(TypedDict):
    """What both trainings are told alike."""

    progress: Progress
    checkpoint: FolderCheckpoint | None
