from __future__ import annotations

import numpy as np
import pytest

from offline.calorimeter.generators.diffusion.noise import Noise
from offline.calorimeter.generators.diffusion.preconditioning import Preconditioning
from offline.calorimeter.generators.diffusion.schedules import NOISES, Edm, StraightPath, VariancePreserving

names = pytest.mark.parametrize("noise", [kind() for kind in NOISES.values()], ids=lambda noise: noise.name)


@names
def test_inputs_and_targets_have_the_width_one(noise: Noise, rng: np.random.Generator) -> None:
    clean, noisy = rng.standard_normal((40, 5000)), rng.standard_normal((40, 5000))
    times = noise.time_of(np.geomspace(0.01, 100.0, 40))
    around = Preconditioning.of(noise, times)
    x = np.asarray(noise.mean(times))[:, None] * clean + np.asarray(noise.std(times))[:, None] * noisy
    np.testing.assert_allclose(around.scaled(x).std(axis=1), 1.0, atol=0.06)
    target = around.target(x, clean)
    np.testing.assert_allclose(target.std(axis=1), 1.0, atol=0.06)
    np.testing.assert_allclose(around.denoised(x, target), clean, rtol=1e-5, atol=1e-4)


def test_they_are_those_of_the_papers(rng: np.random.Generator) -> None:
    sigma = np.array([0.1, 1.0, 30.0])
    around = Preconditioning.of(Edm(), sigma)
    np.testing.assert_allclose(around.skip, 1 / (1 + sigma**2), rtol=1e-6)
    np.testing.assert_allclose(around.out, sigma / np.sqrt(1 + sigma**2), rtol=1e-6)
    np.testing.assert_allclose(around.clock, np.log(sigma) / 4, rtol=1e-6)
    clean, noisy, t = rng.standard_normal(3), rng.standard_normal(3), np.array([0.1, 0.5, 0.9])
    vp, path = VariancePreserving(), StraightPath()
    x = vp.mean(t) * clean + vp.std(t) * noisy
    np.testing.assert_allclose(Preconditioning.of(vp, t).target(x, clean), -(vp.mean(t) * noisy - vp.std(t) * clean), rtol=1e-4)
    # velocity of the straight path, by the error of the network: e - x_0 = -(error of D) / t
    around, x = Preconditioning.of(path, t), (1 - t) * clean + t * noisy
    off = around.target(x, clean) - 0.3
    velocity_off = (noisy - clean) - (x - around.denoised(x, np.full(3, 0.3))) / t
    np.testing.assert_allclose(np.square(velocity_off), path.weight(t) * np.square(off), rtol=1e-4)


@names
def test_without_noise_data_are_left_alone(noise: Noise, rng: np.random.Generator) -> None:
    x = rng.standard_normal((2, 3)).astype(np.float32)
    for times in (np.zeros(2), np.array(0.0)):
        np.testing.assert_array_equal(Preconditioning.of(noise, times).denoised(x, np.full((2, 3), 7.0, np.float32)), x)
    assert np.isfinite(Preconditioning.of(noise, np.array([noise.end])).clock).all()
