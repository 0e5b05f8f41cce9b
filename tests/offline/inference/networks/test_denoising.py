"""With networks that are known: what is drawn is what they denoise, at any width."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from offline.density.training import Learner
from offline.inference.networks.denoising import DenoisingDensity

keras = pytest.importorskip("keras")


def nothing(inputs: list[Any]) -> Any:
    """Right for standard normal z."""
    return 0.0 * inputs[0]


def two_peaks(width: float) -> Any:
    """Right for z around +-m with variance 1 in all, shape (n, 1)."""
    centre = float(np.sqrt(1 - width**2))

    def network(inputs: list[Any]) -> Any:
        sigma = keras.ops.exp(6.0 * inputs[1])
        variance = 1 + sigma**2
        seen = inputs[0] * keras.ops.sqrt(variance)
        upper = keras.ops.sigmoid(2 * centre * seen / (width**2 + sigma**2))
        mean = (width**2 * seen + sigma**2 * centre * (2 * upper - 1)) / (width**2 + sigma**2)
        return (mean - seen / variance) * keras.ops.sqrt(variance) / sigma

    return network


def test_standard_normal_z_costs_one_and_comes_back(rng: np.random.Generator) -> None:
    learner = Learner(DenoisingDensity(nothing, 2, steps=12, least=0.01, seed=1))
    z, x = rng.standard_normal((20_000, 2)), np.zeros((20_000, 1))
    # targets have variance 1 at any noise
    assert learner.losses([z, x], seed=3).mean() == pytest.approx(1.0, abs=0.05)
    assert learner.draw(x[:1], 20_000, rng).std() == pytest.approx(1.0, rel=0.03)


@pytest.mark.parametrize("width", [0.3, 0.02])
def test_peaks_keep_their_width(width: float, rng: np.random.Generator) -> None:
    learner = Learner(DenoisingDensity(two_peaks(width), 1, steps=18, least=0.005, seed=1))
    drawn = learner.draw(np.zeros((1, 1)), 8000, rng)[:, 0]
    assert (drawn > 0).mean() == pytest.approx(0.5, abs=0.03)
    centre = float(np.sqrt(1 - width**2))
    off = np.abs(drawn) - centre
    assert np.quantile(np.abs(off), 0.683) == pytest.approx(width, rel=0.08)


def test_a_better_network_has_a_lower_loss(rng: np.random.Generator) -> None:
    z = np.where(rng.random((4000, 1)) < 0.5, 1.0, -1.0) * np.sqrt(0.99) + 0.1 * rng.standard_normal((4000, 1))
    x = np.zeros((4000, 1))
    right, wrong = (
        Learner(DenoisingDensity(network, 1, steps=2, least=0.01, seed=1)).losses([z, x], seed=2).mean()
        for network in (two_peaks(0.1), nothing)
    )
    assert right < 0.9 * wrong
