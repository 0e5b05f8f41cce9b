"""From showers to a diffusion."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from l1ml.progress import SILENT, Progress
from offline.calorimeter.generators.diffusion.denoiser import Denoiser
from offline.calorimeter.generators.diffusion.generator import Diffusion
from offline.calorimeter.generators.diffusion.network_shape import NetworkShape
from offline.calorimeter.generators.diffusion.regression import Batches, Regression
from offline.calorimeter.generators.diffusion.settings import DiffusionSettings
from offline.calorimeter.generators.diffusion.voxel_sample import VoxelSample, denoising, grid_of, logarithms_of
from offline.calorimeter.generators.diffusion.voxel_scores import VoxelScores
from offline.calorimeter.generators.kept_training import kept_training
from offline.calorimeter.generators.layer_fit import LayerSample, fit_layers
from offline.calorimeter.generators.layer_inputs import LayerInputs
from offline.calorimeter.shower_file import ShowerFile
from offline.calorimeter.showers import Showers

__all__ = ["fit_diffusion", "held_out_losses"]

_JUDGED_AT_ONCE = 250


def fit_diffusion(
    showers: Showers | ShowerFile,
    settings: DiffusionSettings | None = None,
    *,
    threshold: float | None = None,
    folder: Path | None = None,
    progress: Progress = SILENT,
) -> Diffusion:
    """Train a `Diffusion`.

    Parameters
    ----------
    showers : Showers or ShowerFile
        What it learns from; all voxels are in memory meanwhile. Layers must be alike.
    settings : DiffusionSettings, optional
        How; those of its defaults when left out.
    threshold : float, optional
        Energy of a voxel below which there is none, MeV; that of the file, or the smallest there is, when left out.
    folder : Path, optional
        Where the training is kept meanwhile: one that was stopped goes on from there, to the same result. It is left to the
        caller to delete.
    progress : Progress
        Told about updates.

    Raises
    ------
    ConfigError
        If layers differ.
    DataError
        If there are too few showers, one is empty or below the threshold, or a layer has no energy in any.
    TrainingError
        If a loss is not finite.
    """
    chosen = settings or DiffusionSettings()
    grid, noise = grid_of(showers.geometry), chosen.schedule()
    shape = NetworkShape(grid, 2, 1, chosen.widths, chosen.blocks)
    sample = LayerSample.of(showers, threshold, chosen.held_out, chosen.seed)
    first = kept_training(folder, {"sample": sample.digest(), "settings": asdict(chosen)})
    flow, flow_record = fit_layers(sample, chosen.flow, steps=chosen.steps, seed=chosen.seed, progress=progress, checkpoint=first)
    inputs = LayerInputs.of(sample.sums.incident, sample.sums.layers, sample.hits, sample.hit_energy)
    least = sample.threshold or _smallest(showers)
    logs = logarithms_of(showers, sample, np.random.default_rng((chosen.seed, 2)), least)
    scaled = inputs(sample.sums.incident, sample.sums.layers, sample.hits)
    scores = VoxelScores.of(sample.geometry, least, scaled, logs)
    voxels = VoxelSample.of(sample, logs, inputs, scores)
    batches, network = denoising(voxels, noise), Regression(shape, chosen.seed + 1)
    checkpoint = kept_training(folder, {"sample": voxels.digest(), "settings": asdict(chosen)})
    losses = network.train(
        batches, voxels.learnt, chosen.training, task="diffusion of voxels", progress=progress, checkpoint=checkpoint
    )
    denoiser = Denoiser(shape, noise, network.weights())
    record = {
        "showers": len(showers),
        "settings": asdict(chosen),
        "flow": flow_record,
        "voxels": {"loss": losses, **held_out_losses(denoiser, batches, voxels)},
    }
    return Diffusion(
        sample.geometry, sample.threshold, sample.energy_range, flow, inputs, scores, denoiser, chosen.drawing, record
    )


def held_out_losses(denoiser: Denoiser, batches: Batches, sample: VoxelSample) -> dict[str, float]:
    """Loss of the showers that were not learnt from, and that of a network that always gives 0."""
    found, rows = [], np.arange(sample.learnt, len(sample.scores))
    for start in range(0, len(rows), _JUDGED_AT_ONCE):
        batch = batches(rows[start : start + _JUDGED_AT_ONCE], np.random.default_rng((0, start)))
        outputs = (denoiser.found(batch.inputs), 0.0)
        errors = [np.square(batch.target - output).mean(axis=(1, 2, 3)) * batch.weight for output in outputs]
        found.append([error.sum() for error in errors])
    loss, without = np.sum(found, axis=0) / len(rows)
    return {"held_out_loss": float(loss), "held_out_loss_without": float(without)}


def _smallest(showers: Showers | ShowerFile) -> float:
    """Energy of the voxel that has the least, MeV."""
    parts = showers.batches() if isinstance(showers, ShowerFile) else [showers]
    return min(float(part.energies[part.energies > 0].min(initial=np.inf)) for part in parts)
