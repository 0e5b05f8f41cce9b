from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import kstest

from l1ml.errors import ConfigError
from offline.calorimeter.generators.diffusion.noise import Noise
from offline.calorimeter.generators.diffusion.samplers import (
    SAMPLERS,
    check_sampler,
    consistency,
    ddim,
    first_noise,
    heun,
    predictor_corrector,
)
from offline.calorimeter.generators.diffusion.schedules import NOISES, Edm, StraightPath, VariancePreserving

# a mixture of two normal distributions, whose mean of x_0 given x is known
SHARE, PLACE, WIDTH = np.array([0.3, 0.7]), np.array([-1.5, 0.6]), np.array([0.2, 0.4])

ALL = [kind() for kind in NOISES.values()]
names = pytest.mark.parametrize("noise", ALL, ids=lambda noise: noise.name)
Clean = Callable[[np.ndarray, float], np.ndarray]


def _denoise(noise: Noise) -> Clean:
    def clean(x: np.ndarray, t: float) -> np.ndarray:
        mean, std = float(noise.mean(t)), float(noise.std(t))
        variance = (mean * WIDTH) ** 2 + std**2
        off = x[..., None] - mean * PLACE
        log = np.log(SHARE / np.sqrt(variance)) - 0.5 * off**2 / variance
        share = np.exp(log - log.max(axis=-1, keepdims=True))
        share /= share.sum(axis=-1, keepdims=True)
        return np.asarray((share * (PLACE + mean * WIDTH**2 * off / variance)).sum(axis=-1))

    return clean


def _cumulative(x: np.ndarray) -> np.ndarray:
    return np.asarray(ndtr((x[..., None] - PLACE) / WIDTH) @ SHARE)


@pytest.mark.parametrize(("name", "steps"), [("ddim", 400), ("heun", 40), ("predictor", 400), ("predictor_corrector", 400)])
@names
def test_they_arrive_at_the_distribution(noise: Noise, name: str, steps: int, rng: np.random.Generator) -> None:
    if isinstance(noise, StraightPath) and name.startswith("predictor"):
        with pytest.raises(ConfigError, match="draw with ddim or heun"):
            SAMPLERS[name](_denoise(noise), noise, noise.times(2), np.zeros((1, 1)), rng)
        return
    x = first_noise(noise, (4000, 1), rng).astype(np.float64)
    made = SAMPLERS[name](_denoise(noise), noise, noise.times(steps), x, rng)
    distance = kstest(made[:, 0], lambda x: _cumulative(np.asarray(x))).statistic
    # 0.026 is exceeded by one in a hundred perfect samples; noise itself is at 0.2 and more
    assert distance < 0.05, distance


def _errors(sampler: Callable[..., np.ndarray], noise: Noise, halvings: int) -> np.ndarray:
    """Of 64, 128, ... steps between two times with some noise, evenly in ln level or in time."""
    rng = np.random.default_rng(3)
    ends = (noise.end * 0.95, noise.end * 0.1) if isinstance(noise, StraightPath) else noise.time_of(np.array([5.0, 0.2]))
    x = float(noise.mean(ends[0])) * rng.standard_normal(100) + float(noise.std(ends[0])) * rng.standard_normal(100)

    def made(steps: int) -> np.ndarray:
        levels = np.geomspace(*noise.level(np.array(ends)), steps + 1)
        times = np.linspace(*ends, steps + 1) if isinstance(noise, StraightPath) else noise.time_of(levels)
        return sampler(_denoise(noise), noise, times, x, rng)

    exact = heun(_denoise(noise), noise, noise.time_of(np.geomspace(*noise.level(np.array(ends)), 1501)), x, rng)
    return np.array([np.sqrt(np.square(made(64 << k) - exact).mean()) for k in range(halvings)])


@pytest.mark.parametrize(("sampler", "order"), [(ddim, 1.0), (heun, 2.0)])
@names
def test_errors_fall_with_the_order_of_the_sampler(noise: Noise, sampler: Callable[..., np.ndarray], order: float) -> None:
    errors = _errors(sampler, noise, 3)
    orders = np.log2(errors[:-1] / errors[1:])
    assert orders[-1] == pytest.approx(order, abs=0.15)


def test_the_same_level_is_the_same_step_for_any_schedule() -> None:
    # without noise of its own a drawing depends on levels alone
    noises, levels, x = (Edm(), VariancePreserving()), np.geomspace(50.0, 0.1, 9), np.linspace(-30.0, 30.0, 7)
    ends = []
    for noise in noises:
        times = noise.time_of(levels)
        start, end = float(noise.mean(times[0])), float(noise.mean(times[-1]))
        ends.append(ddim(_denoise(noise), noise, times, start * x, np.random.default_rng(1)) / end)
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-6)


@pytest.mark.parametrize("sampler", [ddim, heun])
@names
def test_rows_may_be_at_times_of_their_own(noise: Noise, sampler: Callable[..., np.ndarray], rng: np.random.Generator) -> None:
    x, times = rng.standard_normal(3), noise.times(3)
    rows = np.stack([times[[0, 1]], times[[1, 2]], times[[2, 3]]], axis=1)

    def clean(x: np.ndarray, t: np.ndarray) -> np.ndarray:
        return np.tanh(x) * noise.mean(t) / (1 + np.asarray(noise.std(t)))

    alone = [sampler(clean, noise, rows[:, at], x[at : at + 1], rng)[0] for at in range(3)]
    np.testing.assert_allclose(sampler(clean, noise, rows, x, rng), alone, rtol=1e-12)


def test_heun_is_the_rule_of_the_papers(rng: np.random.Generator) -> None:
    noise, x = Edm(), rng.standard_normal(5)
    clean = _denoise(noise)
    slope = (x - clean(x, 2.0)) / 2.0
    guess = x - 0.5 * slope
    step = x - 0.5 * 0.5 * (slope + (guess - clean(guess, 1.5)) / 1.5)
    np.testing.assert_allclose(heun(clean, noise, np.array([2.0, 1.5]), x, rng), step, rtol=1e-12)
    path = StraightPath()
    clean = _denoise(path)

    def velocity(x: np.ndarray, t: float) -> np.ndarray:
        return (x - clean(x, t)) / t

    first = velocity(x, 0.8)
    guess = x - 0.3 * first
    np.testing.assert_allclose(
        heun(clean, path, np.array([0.8, 0.5]), x, rng), x - 0.15 * (first + velocity(guess, 0.5)), rtol=1e-12
    )


def test_a_consistent_function_needs_one_evaluation(rng: np.random.Generator) -> None:
    # of normal data of width 0.5 the flow is known: x_0 = 0.5 x / sqrt(0.25 + t^2)
    noise, asked = Edm(), []

    def jump(x: np.ndarray, t: float) -> np.ndarray:
        asked.append(t)
        return 0.5 * x / np.sqrt(0.25 + t**2)

    for steps in (1, 3):
        asked.clear()
        made = consistency(jump, noise, noise.times(steps), first_noise(noise, (20_000, 1), rng).astype(np.float64), rng)
        assert asked == noise.times(steps)[:-1].tolist()
        assert made.std() == pytest.approx(0.5, rel=0.03)


def test_float32_stays(rng: np.random.Generator) -> None:
    noise = VariancePreserving()
    for name, sampler in SAMPLERS.items():
        made = sampler(lambda x, t: 0.5 * x, noise, noise.times(3), first_noise(noise, (4, 2), rng), rng)
        assert made.dtype == np.float32, name


def test_what_is_no_sampler_is_refused() -> None:
    with pytest.raises(ConfigError, match="no sampler is called 'hein'; did you mean 'heun'"):
        check_sampler("hein")
    check_sampler("predictor_corrector")
    assert predictor_corrector in SAMPLERS.values()
