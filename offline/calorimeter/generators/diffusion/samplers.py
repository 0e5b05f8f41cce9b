"""From noise to data, by a function that takes noise away: D(x, t), the mean of all x_0 that may have become x at the time t.

With it, the noise in x is e = (x - mean D) / std and the score is -e / std. Along the flow of equal probability
(arXiv:2011.13456, eq. 13) dx = D d mean + e d std, whatever the schedule is; the two samplers without noise of their own
integrate this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, nearest
from offline.calorimeter.generators.diffusion.noise import Noise
from offline.calorimeter.generators.diffusion.schedules import StraightPath

__all__ = [
    "SAMPLERS",
    "Denoise",
    "Sampler",
    "check_sampler",
    "consistency",
    "ddim",
    "ddim_step",
    "first_noise",
    "heun",
    "heun_step",
    "predictor_corrector",
]

Array = Any
"""Of the shape of what is drawn, showers first."""
Denoise = Callable[[Array, Any], Array]
"""D(x, t) of all rows of x at one time, or at one for each of them."""


class Sampler(Protocol):
    """`x` at the first of the falling `times` becomes data at the last one."""

    def __call__(self, denoise: Denoise, noise: Noise, times: Array, x: Array, rng: np.random.Generator) -> Array:
        """Data, of the shape of `x`."""


def first_noise(noise: Noise, shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """`x` where drawing begins: nothing of the data is thought to be left."""
    return np.float32(noise.std(noise.end)) * rng.standard_normal(shape, np.float32)


def ddim(denoise: Denoise, noise: Noise, times: Array, x: Array, rng: np.random.Generator) -> Array:  # noqa: ARG001
    """One evaluation a step: noise and data of its beginning at the level of its end (arXiv:2010.02502, eq. 12, sigma 0).

    An error of first order in the step.
    """
    for before, after in pairwise(times):
        x = ddim_step(noise, before, after, x, denoise(x, before))
    return x


def heun(denoise: Denoise, noise: Noise, times: Array, x: Array, rng: np.random.Generator) -> Array:  # noqa: ARG001
    """Means of data and noise of both ends of a step: two evaluations, but for one in the step to no noise at all.

    Algorithm 1 of arXiv:2206.00364 where the mean is 1, Heun's rule for the velocity where the path is straight. An error of
    second order.
    """
    for before, after in pairwise(times):
        x = heun_step(denoise, noise, before, after, x)
    return x


def ddim_step(noise: Noise, before: Any, after: Any, x: Array, clean: Array) -> Array:
    """`x` at the time `after`, where it is known to be `clean` at the time 0; times are one or one for each row."""
    mean, std = _at(noise, after, x)
    return mean * clean + std * _noise_in(x, clean, noise, before)


def heun_step(denoise: Denoise, noise: Noise, before: Any, after: Any, x: Array) -> Array:
    """`x` at the time `after`; times are one or one for each row."""
    clean = denoise(x, before)
    first = ddim_step(noise, before, after, x, clean)
    noisy = np.greater(_at(noise, after, x)[1], 0.0)
    if not noisy.any():
        return first
    # rows that have no noise left are given any, and not looked at
    there = np.where(np.greater(noise.std(after), 0.0), after, before)
    again = denoise(first, there)
    (mean, std), (old_mean, old_std) = _at(noise, there, x), _at(noise, before, x)
    dirt = _noise_in(x, clean, noise, before) + _noise_in(first, again, noise, there)
    second = x + 0.5 * (mean - old_mean) * (clean + again) + 0.5 * (std - old_std) * dirt
    return np.where(noisy, second, first)


def predictor_corrector(
    denoise: Denoise, noise: Noise, times: Array, x: Array, rng: np.random.Generator, *, ratio: float = 0.16
) -> Array:
    """Steps of the reversed stochastic equation, each followed by one of Langevin's (arXiv:2011.13456, eq. 6, algorithms 1, 4).

    Parameters
    ----------
    denoise, noise, times, x, rng
        As for any `Sampler`.
    ratio : float
        Signal over noise of the corrector's step; 0 for none.

    Raises
    ------
    ConfigError
        If the equation of the noise has no beginning.
    """
    if isinstance(noise, StraightPath):
        msg = "the straight path has no stochastic equation at its end: draw with ddim or heun"
        raise ConfigError(msg)
    for before, after in pairwise(times):
        clean = denoise(x, before)
        if _at(noise, after, x)[1] == 0:
            # what is left of the noise is taken away at once
            return clean
        step, f, g = float(before - after), float(noise.drift(before)), float(noise.diffusion(before))
        kick = g * step**0.5 * rng.standard_normal(x.shape, np.float32)
        x = (1 - f * step) * x + g**2 * step * _score(x, clean, noise, before) + kick
        if ratio:
            x = _langevin(x, _score(x, denoise(x, after), noise, after), ratio, rng)
    return x


def consistency(denoise: Denoise, noise: Noise, times: Array, x: Array, rng: np.random.Generator) -> Array:
    """Data at once, then noise again and data again (arXiv:2303.01469, algorithm 1): for networks that were made consistent."""
    clean = denoise(x, times[0])
    for time in times[1:-1]:
        mean, std = _at(noise, time, x)
        again = mean * clean + std * rng.standard_normal(x.shape, np.float32)
        clean = denoise(again, time)
    return clean


SAMPLERS: Mapping[str, Sampler] = {
    "consistency": consistency,
    "ddim": ddim,
    "heun": heun,
    "predictor": partial(predictor_corrector, ratio=0.0),
    "predictor_corrector": predictor_corrector,
}
"""Samplers by the names that settings and files have for them."""


def check_sampler(name: str) -> None:
    """Refuse what is no name of a sampler.

    Raises
    ------
    ConfigError
        If it is none.
    """
    if name not in SAMPLERS:
        msg = f"no sampler is called {name!r}; {nearest(name, SAMPLERS)}"
        raise ConfigError(msg)


def _at(noise: Noise, times: Any, x: Array) -> tuple[Any, Any]:
    """Mean and width, for one time as plain numbers, which do not make float64 of float32, or for each row of `x`."""
    found = noise.mean(times), noise.std(times)
    if np.ndim(times) == 0:
        return float(found[0]), float(found[1])
    mean, std = (part.astype(x.dtype).reshape(-1, *(1,) * (x.ndim - 1)) for part in found)
    return mean, std


def _noise_in(x: Array, clean: Array, noise: Noise, times: Any) -> Array:
    mean, std = _at(noise, times, x)
    return (x - mean * clean) / std


def _score(x: Array, clean: Array, noise: Noise, time: Any) -> Array:
    return -_noise_in(x, clean, noise, time) / float(noise.std(time))


def _langevin(x: Array, score: Array, ratio: float, rng: np.random.Generator) -> Array:
    """One step of Langevin's equation; its size is the same for all rows."""
    kick = rng.standard_normal(x.shape, np.float32)
    norms = [float(np.linalg.norm(part.reshape(len(x), -1), axis=1).mean()) for part in (kick, score)]
    size = 2 * (ratio * norms[0] / norms[1]) ** 2
    return x + size * score + (2 * size) ** 0.5 * kick
