from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from l1ml.errors import ConfigError
from offline.calorimeter.generators.diffusion.noise import Noise
from offline.calorimeter.generators.diffusion.schedules import (
    NOISES,
    Edm,
    StraightPath,
    SubVariancePreserving,
    VarianceExploding,
    VariancePreserving,
    noise_from,
)

ALL = [kind() for kind in NOISES.values()]
names = pytest.mark.parametrize("noise", ALL, ids=lambda noise: noise.name)


@names
def test_the_kernel_is_that_of_the_equation(noise: Noise) -> None:
    # moments of dx = f x dt + g dw: m' = f m, v' = 2 f v + g^2, and v as a share of the largest, whose scale it is
    end = 0.99 * noise.end
    times = np.linspace(0.0, end, 12)[1:]

    def slope(t: float, state: np.ndarray) -> list[float]:
        f, g = float(noise.drift(t)), float(noise.diffusion(t))
        return [f * state[0], 2 * f * state[1] + g**2]

    found = solve_ivp(slope, (0.0, end), [1.0, 0.0], t_eval=times, rtol=1e-9, atol=1e-12, method="LSODA").y
    np.testing.assert_allclose(noise.mean(times), found[0], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(noise.std(times), np.sqrt(found[1]), rtol=1e-6, atol=1e-9)


@names
def test_steps_of_the_equation_arrive_at_the_kernel(noise: Noise, rng: np.random.Generator) -> None:
    n, end, start = 20_000, 0.5 * noise.end, 0.7
    x, times = np.full(n, start), np.linspace(0.0, end, 801)
    for t in times[:-1] + 0.5 * times[1]:
        x = x + noise.drift(t) * x * times[1] + noise.diffusion(t) * np.sqrt(times[1]) * rng.standard_normal(n)
    mean, std = float(noise.mean(end)), float(noise.std(end))
    # five standard errors, and what steps of this size leave
    np.testing.assert_allclose(x.mean(), mean * start, atol=5 * std / np.sqrt(n) + 0.005)
    np.testing.assert_allclose(x.std(), std, rtol=5 / np.sqrt(2 * n) + 0.005)


@names
def test_nothing_is_on_data_and_times_fall_to_them(noise: Noise) -> None:
    assert (float(noise.mean(0.0)), float(noise.std(0.0))) == (1.0, 0.0)
    for steps in (1, 2, 8, 100):
        times = noise.times(steps)
        assert times.shape == (steps + 1,)
        assert times[-1] == 0.0
        assert times[0] == pytest.approx(noise.end, rel=1e-9)
        assert (np.diff(times) < 0).all()
        np.testing.assert_allclose(noise.times(2 * steps)[::2], times, rtol=1e-12)
    with pytest.raises(ConfigError, match="one step or more, received 0"):
        noise.times(0)


@names
def test_a_level_has_one_time(noise: Noise) -> None:
    times = np.linspace(noise.start, 0.999 * noise.end, 50)
    np.testing.assert_allclose(noise.time_of(noise.level(times)), times, rtol=1e-6)
    shares = np.linspace(0.001, 0.999, 50)
    assert (np.diff(noise.quantile(shares)) > 0).all()


def test_numbers_of_the_papers() -> None:
    # arXiv:2206.00364, eq. 5
    times = Edm().times(4)
    assert times[:4] == pytest.approx([(80 ** (1 / 7) + i / 4 * (0.002 ** (1 / 7) - 80 ** (1 / 7))) ** 7 for i in range(4)])
    # arXiv:2011.13456: the variance of vp noise and data of width one is one, that of subvp noise is less by the square
    vp, sub, t = VariancePreserving(), SubVariancePreserving(), np.linspace(0.0, 1.0, 9)
    np.testing.assert_allclose(vp.mean(t) ** 2 + vp.std(t) ** 2, 1.0)
    np.testing.assert_allclose(sub.std(t), vp.std(t) ** 2, rtol=1e-12, atol=1e-15)
    ve = VarianceExploding()
    assert np.hypot(ve.std(1.0), ve.lowest) == pytest.approx(50.0)
    # weight and velocity of flow matching: e - x_0 for the straight path
    assert StraightPath().weight(np.array([0.0, 0.5, 1.0])) == pytest.approx([1.0, 2.0, 1.0])


@names
def test_a_name_and_numbers_make_it_again(noise: Noise) -> None:
    numbers = noise.numbers()
    assert noise_from(numbers.pop("name"), numbers) == noise


def test_what_is_no_noise_is_refused() -> None:
    with pytest.raises(ConfigError, match="no noise is called 'edn'; did you mean 'edm'"):
        noise_from("edn", {})
    with pytest.raises(ConfigError, match="noise vp has no key 'higest'"):
        noise_from("vp", {"higest": 1.0})
    for kind in (VariancePreserving, VarianceExploding, Edm):
        with pytest.raises(ConfigError, match="rise from more than 0, received 2"):
            kind(lowest=2.0, highest=1.0)
    with pytest.raises(ConfigError, match="a width of 0"):
        Edm(log_width=0.0)
