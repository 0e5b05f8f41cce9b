"""A generator that draws in fewer steps, taught by one that takes more of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from l1ml.progress import SILENT, Progress
from offline.calorimeter.generators.diffusion.denoiser import Denoiser, denoise_with
from offline.calorimeter.generators.diffusion.generator import Diffusion
from offline.calorimeter.generators.diffusion.preconditioning import Preconditioning
from offline.calorimeter.generators.diffusion.regression import Batch, Batches, Regression
from offline.calorimeter.generators.diffusion.samplers import Denoise, Sampler, ddim, heun, heun_step
from offline.calorimeter.generators.diffusion.settings import DistillationSettings, Drawing
from offline.calorimeter.generators.diffusion.voxel_sample import VoxelSample, logarithms_of, noisy, regression_batch
from offline.calorimeter.generators.generator_file import read_generator
from offline.calorimeter.generators.kept_training import kept_training
from offline.calorimeter.generators.layer_fit import LayerSample
from offline.calorimeter.shower_file import ShowerFile
from offline.calorimeter.showers import Showers

__all__ = ["consistent", "distil", "halving", "read_teacher"]

FloatArray = NDArray[np.float64]

Train = Callable[[Regression, Batches, str], list[float]]
"""Trains a network with batches, under a name."""


def distil(
    teacher: Diffusion,
    showers: Showers | ShowerFile,
    settings: DistillationSettings | None = None,
    *,
    folder: Path | None = None,
    progress: Progress = SILENT,
) -> Diffusion:
    """A generator that needs fewer steps than `teacher`.

    Parameters
    ----------
    teacher : Diffusion
        For the progressive way it is followed along as many steps of the sampler ddim as it draws with; one that has been
        distilled so may be distilled further.
    showers : Showers or ShowerFile
        Those of its training; the held-out ones are left out again.
    settings : DistillationSettings, optional
        How; those of its defaults when left out.
    folder : Path, optional
        Where trainings are kept meanwhile, see `fit_diffusion`.
    progress : Progress
        Told about updates.

    Raises
    ------
    ConfigError
        If the teacher's steps cannot be halved to those of the settings, or it was distilled to be consistent.
    DataError
        If showers are of another geometry, or have voxels below the threshold of the teacher.
    TrainingError
        If a loss is not finite.
    """
    chosen = settings or DistillationSettings()
    rounds = _rounds(teacher.drawing, chosen)
    sample = _sample_of(teacher, showers)
    taught_by = {"drawing": asdict(teacher.drawing), "weights": teacher.denoiser.digest()}
    checkpoint = kept_training(folder, {"sample": sample.digest(), "settings": asdict(chosen), "teacher": taught_by})

    def train(network: Regression, batches: Batches, task: str) -> list[float]:
        return network.train(batches, sample.learnt, chosen.training, task=task, progress=progress, checkpoint=checkpoint)

    denoiser, losses = teacher.denoiser, {}
    if chosen.way == "consistency":
        denoiser, losses["consistency"] = _made_consistent(denoiser, sample, chosen, train)
    for number, steps in enumerate(rounds):
        network = Regression(denoiser.shape, chosen.seed + number, denoiser.weights)
        # students take steps of ddim; a teacher that has learnt from data takes those that it draws with
        follow = ddim if number or teacher.drawing.taught or teacher.drawing.sampler != "heun" else heun
        batches = halving(denoiser, sample, denoiser.noise.times(2 * steps), follow)
        losses[str(steps)] = train(network, batches, f"distillation to {steps} steps")
        denoiser = Denoiser(denoiser.shape, denoiser.noise, network.weights())
    drawing = Drawing("consistency" if chosen.way == "consistency" else "ddim", chosen.steps, chosen.way)
    past = [*teacher.record.get("distillations", []), {"settings": asdict(chosen), "loss": losses}]
    return replace(teacher, denoiser=denoiser, drawing=drawing, record={**teacher.record, "distillations": past})


def read_teacher(path: Path, steps: int | None = None) -> Diffusion:
    """The generator in the file `path`, to draw in another number of `steps` if that is given.

    Raises
    ------
    ConfigError
        If it has no steps.
    DataError
        If the file is missing or damaged.
    """
    found = read_generator(path)
    if not isinstance(found, Diffusion):
        msg = f"{path} holds a {found.kind}, which draws in one step: there is nothing to distil"
        raise ConfigError(msg)
    return found.drawn_with(steps=steps)


def halving(teacher: Denoiser, sample: VoxelSample, times: FloatArray, sampler: Sampler = ddim) -> Batches:
    """Batches whose D leads in one step of ddim where two of the teacher lead (arXiv:2202.00512, algorithm 2 and appendix G).

    Parameters
    ----------
    teacher : Denoiser
        Teacher.
    sample : VoxelSample
        Showers.
    times : ndarray of float64, shape (2 k + 1,)
        Of the teacher; every other one is the student's.
    sampler : Sampler
        Of the teacher, without noise of its own.
    """
    noise = teacher.noise

    def batch(rows: NDArray[np.int64], rng: np.random.Generator) -> Batch:
        first = 2 * rng.integers(0, len(times) // 2, len(rows))
        before, between, after = (times[first + step] for step in range(3))
        given, x = sample.conditions.select(rows), noisy(sample.scores[rows], noise, before, rng)
        end = sampler(teacher.given(given), noise, np.stack([before, between, after]), x, rng)
        ratio = noise.std(after) / noise.std(before)
        factors = ratio, noise.mean(after) - ratio * noise.mean(before)
        kept, share = (np.asarray(part, np.float32).reshape(-1, 1, 1, 1) for part in factors)
        return regression_batch(noise, before, (x, (end - kept * x) / share), given, np.ones(len(rows)))

    return batch


def consistent(teacher: Denoiser, student: Callable[..., Any], sample: VoxelSample, times: FloatArray) -> Batches:
    """Batches whose D is what the student makes of the next time (arXiv:2303.01469, algorithm 2), where the teacher leads.

    Distances are squared, steps are Heun's, and the student is asked as it is and not averaged (arXiv:2310.14189, sect. 3.2).

    Parameters
    ----------
    teacher : Denoiser
        Teacher.
    student : callable
        Outputs of its network for some inputs, as it is at the moment.
    sample : VoxelSample
        Showers.
    times : ndarray of float64, shape (k + 1,)
        Falling to 0, where D is x.
    """
    noise = teacher.noise

    def batch(rows: NDArray[np.int64], rng: np.random.Generator) -> Batch:
        first = rng.integers(0, len(times) - 1, len(rows))
        before, after = times[first], times[first + 1]
        given, x = sample.conditions.select(rows), noisy(sample.scores[rows], noise, before, rng)
        there = heun_step(teacher.given(given), noise, before, after, x)
        follow: Denoise = denoise_with(student, noise, given)
        weight = np.square(Preconditioning.of(noise, before).out.astype(np.float64))
        return regression_batch(noise, before, (x, follow(there, after)), given, weight)

    return batch


def _made_consistent(
    teacher: Denoiser, sample: VoxelSample, chosen: DistillationSettings, train: Train
) -> tuple[Denoiser, list[float]]:
    network = Regression(teacher.shape, chosen.seed, teacher.weights)
    batches = consistent(teacher, network.found, sample, teacher.noise.times(chosen.levels))
    losses = train(network, batches, "distillation to a consistent network")
    return Denoiser(teacher.shape, teacher.noise, network.weights()), losses


def _rounds(drawing: Drawing, chosen: DistillationSettings) -> list[int]:
    """Steps after each halving."""
    if drawing.taught == "consistency":
        msg = "this generator was distilled to be consistent and draws in one step already: distil its teacher"
        raise ConfigError(msg)
    if chosen.way == "consistency":
        return []
    halves: list[int] = []
    while drawing.steps % 2 ** (len(halves) + 1) == 0:
        halves.append(drawing.steps // 2 ** (len(halves) + 1))
    if chosen.steps not in halves:
        msg = (
            f"the teacher draws in {drawing.steps} steps, which can be halved to {halves or 'nothing'}, received {chosen.steps}: "
            "give one of these, or another number of steps to the teacher"
        )
        raise ConfigError(msg)
    return halves[: halves.index(chosen.steps) + 1]


def _sample_of(teacher: Diffusion, showers: Showers | ShowerFile) -> VoxelSample:
    """Showers as they were for the training of the teacher."""
    if showers.geometry != teacher.geometry:
        counts = f"{showers.geometry.n_voxels} voxels and those of the teacher {teacher.geometry.n_voxels}"
        msg = f"the showers have {counts}, or edges differ: they must be of one geometry"
        raise DataError(msg)
    settings = teacher.record["settings"]
    sample = LayerSample.of(showers, teacher.threshold, settings["held_out"], settings["seed"])
    logs = logarithms_of(showers, sample, np.random.default_rng((settings["seed"], 2)), teacher.scores.least)
    return VoxelSample.of(sample, logs, teacher.inputs, teacher.scores)
