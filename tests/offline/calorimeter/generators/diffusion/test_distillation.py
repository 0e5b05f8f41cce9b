from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from l1ml.errors import ConfigError, DataError
from l1ml.progress import SILENT
from offline.calorimeter import Showers
from offline.calorimeter.generators import Diffusion, DistillationSettings, Drawing
from offline.calorimeter.generators.diffusion.denoiser import Conditions, Denoiser
from offline.calorimeter.generators.diffusion.distillation import consistent, distil, halving
from offline.calorimeter.generators.diffusion.network_shape import NetworkShape
from offline.calorimeter.generators.diffusion.noise import Noise
from offline.calorimeter.generators.diffusion.preconditioning import Preconditioning
from offline.calorimeter.generators.diffusion.regression import Regression
from offline.calorimeter.generators.diffusion.samplers import ddim
from offline.calorimeter.generators.diffusion.schedules import NOISES, Edm
from offline.calorimeter.generators.diffusion.voxel_sample import VoxelSample
from offline.density import Training

names = pytest.mark.parametrize("noise", [kind() for kind in NOISES.values()], ids=lambda noise: noise.name)
GRID = (2, 3, 1)
WIDTH = 0.5


class _Known:
    """A teacher of data that are normal, of the width 0.5: D = 0.25 mean x / (0.25 mean^2 + std^2)."""

    def __init__(self, noise: Noise) -> None:
        self.noise = noise

    def given(self, conditions: Conditions) -> Callable[[np.ndarray, Any], np.ndarray]:
        def denoise(x: np.ndarray, times: Any) -> np.ndarray:
            mean, std = (np.asarray(part, np.float32) for part in (self.noise.mean(times), self.noise.std(times)))
            factor = WIDTH**2 * mean / (WIDTH**2 * mean**2 + std**2)
            return factor.reshape(-1, 1, 1, 1) * x

        return denoise


def _sample(n: int, rng: np.random.Generator, width: float = WIDTH) -> VoxelSample:
    scores = width * rng.standard_normal((n, *GRID)).astype(np.float32)
    return VoxelSample(scores, Conditions(np.zeros((n, 2, 2), np.float32), np.zeros((n, 1), np.float32)), n // 10)


def _times_of(noise: Noise, clock: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Index of each row's time."""
    clocks = Preconditioning.of(noise, times).clock
    return np.abs(clocks - clock).argmin(axis=1)


@names
def test_one_step_of_the_student_is_two_of_the_teacher(noise: Noise, rng: np.random.Generator) -> None:
    teacher, times = _Known(noise), noise.times(8)
    batch = halving(teacher, _sample(200, rng), times)(np.arange(150), rng)  # type: ignore[arg-type]
    at = _times_of(noise, batch.inputs[3], times)
    assert set(at) == {0, 2, 4, 6}
    for row in range(150):
        mine = times[at[row] : at[row] + 3]
        around = Preconditioning.of(noise, mine[0])
        x = batch.inputs[0][row : row + 1] / around.scale
        clean = around.denoised(x, batch.target[row : row + 1])
        two = ddim(teacher.given(Conditions(x, x)), noise, mine, x, rng)
        one = ddim(lambda x, t, clean=clean: clean, noise, mine[::2], x, rng)
        np.testing.assert_allclose(one, two, rtol=1e-3, atol=1e-3)


@names
def test_a_consistent_student_is_its_own_target(noise: Noise, rng: np.random.Generator) -> None:
    # the flow of such data leads from x to 0.5 x / sqrt(0.25 mean^2 + std^2), which is the same all along it
    times = noise.times(200)

    def student(inputs: list[np.ndarray]) -> np.ndarray:
        row = Preconditioning.of(noise, times[_times_of(noise, inputs[3], times)])
        x = inputs[0] / row.scale.reshape(-1, 1, 1, 1)
        mean, std = (np.asarray(part(times[_times_of(noise, inputs[3], times)])) for part in (noise.mean, noise.std))
        factor = WIDTH / np.sqrt(WIDTH**2 * mean**2 + std**2)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = row.target(x, factor.reshape(-1, 1, 1, 1) * x)
        return np.nan_to_num(found).astype(np.float32)

    batch = consistent(_Known(noise), student, _sample(300, rng), times)(np.arange(200), rng)  # type: ignore[arg-type]
    weight = np.sqrt(batch.weight).reshape(-1, 1, 1, 1)
    off = (batch.target - student(list(batch.inputs))) * weight
    # data are 0.5 wide
    assert np.sqrt(np.square(off).mean()) < 0.02


def test_a_student_learns_to_jump(rng: np.random.Generator) -> None:
    # a network that gives 0 is right about standard normal data; two steps from nothing but noise end at c x, c known
    noise, shape, sample = Edm(), NetworkShape(GRID, 2, 1, (8,), 1), _sample(500, rng, width=1.0)
    teacher = Denoiser(shape, noise, Regression(shape, 1).weights())
    network = Regression(shape, 2, teacher.weights)
    times = noise.times(2)
    network.train(halving(teacher, sample, times), 450, Training(250, 100, 1e-2), task="test", progress=SILENT)
    x = 80.0 * rng.standard_normal((200, *GRID)).astype(np.float32)
    given = Conditions(np.zeros((200, 2, 2), np.float32), np.zeros((200, 1), np.float32))
    expected = ddim(teacher.given(given), noise, times, x, rng)
    found = ddim(Denoiser(shape, noise, network.weights()).given(given), noise, noise.times(1), x, rng)
    assert np.square(found - expected).mean() < 0.2 * np.square(expected).mean()


def test_a_generator_is_distilled_and_says_so(diffusion: Diffusion, learnt: Showers) -> None:
    brief = DistillationSettings(steps=2, training=Training(2, 50, 1e-3))
    student = distil(diffusion, learnt, brief)
    assert student.drawing == Drawing("ddim", 2, "progressive")
    assert list(student.record["distillations"][0]["loss"]) == ["2"]
    energies = np.full(5, 3e3)
    assert student.sample(energies, np.random.default_rng(1)).total_energy().min() > 0
    with pytest.raises(ConfigError, match="distilled to 2 steps of ddim and knows no others"):
        student.drawn_with(steps=4)
    once = distil(student, learnt, replace(brief, steps=1))
    assert (once.drawing.steps, len(once.record["distillations"])) == (1, 2)
    even = distil(diffusion, learnt, replace(brief, way="consistency", steps=1, levels=4))
    assert even.drawing == Drawing("consistency", 1, "consistency")
    assert even.drawn_with(steps=2).sample(energies, np.random.default_rng(1)).total_energy().min() > 0
    with pytest.raises(ConfigError, match="knows no other sampler than consistency"):
        even.drawn_with(sampler="heun")
    with pytest.raises(ConfigError, match="draws in one step already: distil its teacher"):
        distil(even, learnt, brief)


def test_what_cannot_be_taught_is_refused(diffusion: Diffusion, learnt: Showers) -> None:
    with pytest.raises(ConfigError, match=r"draws in 4 steps, which can be halved to \[2, 1\], received 3"):
        distil(diffusion, learnt, DistillationSettings(steps=3))
    other = Showers(learnt.geometry.without_depths(), learnt.incident_energy, learnt.energies)
    with pytest.raises(DataError, match="they must be of one geometry"):
        distil(diffusion, other, DistillationSettings(steps=2))
    with pytest.raises(ConfigError, match="no distillation is called 'progresive'; did you mean 'progressive'"):
        DistillationSettings("progresive")
    with pytest.raises(ConfigError, match="steps and levels are 1 or more"):
        DistillationSettings(levels=0)
