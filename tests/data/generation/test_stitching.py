from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from l1ml.data.generation.stitching import HardSpectrum, copies_per_collision


def power_law(n: int, rng: np.random.Generator, mean: float = 1.6, power: float = 3.5) -> HardSpectrum:
    """A pool as Pythia makes it: d sigma / d pThat ~ pThat ** -5 above 15 GeV, drawn with pThat ** power."""
    scale = 15 * (1 - rng.random(n)) ** (-1 / (4 - power))
    return HardSpectrum(scale, (15 / scale) ** power, mean)


@given(
    hnp.arrays(np.float64, st.integers(1, 50), elements=st.floats(15, 1000)),
    st.floats(0.01, 20),
    st.integers(0, 2**31),
)
def test_probabilities_add_up_to_one_for_any_pool(scale: np.ndarray, mean: float, seed: int) -> None:
    weight = np.random.default_rng(seed).random(len(scale)) + 1e-3
    spectrum = HardSpectrum(scale, weight, mean)
    assert spectrum.quiet_probability + spectrum.hardest_probability.sum() == pytest.approx(1.0)


def test_mean_number_of_hard_collisions_is_kept(rng: np.random.Generator) -> None:
    spectrum = power_law(5000, rng)
    mean = np.sum(spectrum.hardest_probability * (1 + spectrum.softer))
    assert mean == pytest.approx(spectrum.mean, rel=2e-3)


def test_hardest_collision_has_the_spectrum_of_a_brute_force_draw(rng: np.random.Generator) -> None:
    spectrum = power_law(3000, rng)
    n = 300_000
    number = rng.poisson(spectrum.mean, n)
    owner = np.repeat(np.arange(n), number)
    drawn = rng.choice(len(spectrum.scale), len(owner), p=spectrum.weight / spectrum.weight.sum())
    hardest = np.zeros(n)
    np.maximum.at(hardest, owner, spectrum.scale[drawn])
    edges = [-1, 1, 17, 20, 25, 32, 45, 70, 1e9]
    brute = np.histogram(hardest, edges)[0]
    stitched = np.histogram(spectrum.scale, edges, weights=spectrum.hardest_probability)[0]
    stitched[0] += spectrum.quiet_probability
    pull = (brute - n * stitched) / np.sqrt(n * stitched)
    assert np.sum(pull**2) < 26.1  # chi square of 8 bins, p = 0.001


def test_secondary_collisions_are_softer_and_as_many_as_they_should(rng: np.random.Generator) -> None:
    spectrum = power_law(2000, rng)
    which = rng.integers(0, 2000, 50_000)
    drawn = spectrum.draw(spectrum.softer[which], rng)
    assert (spectrum.scale[drawn] <= spectrum.scale[which]).all()
    everything = spectrum.draw(np.full(200_000, spectrum.mean), rng)
    share = np.bincount(everything, minlength=2000) / 200_000
    expected = spectrum.weight / spectrum.weight.sum()
    pull = (share - expected) / np.sqrt(expected / 200_000)
    assert np.sum(pull**2) / 2000 == pytest.approx(1.0, abs=0.15)


def test_copies_follow_the_request_and_leave_nobody_out(rng: np.random.Generator) -> None:
    probability = rng.random(1000) ** 8
    boost = np.where(np.arange(1000) < 10, 5.0, 1.0)
    copies = copies_per_collision(probability, boost, 5000)
    assert copies.min() == 1
    assert 5000 <= copies.sum() < 6000
    even = copies_per_collision(np.ones(1000), boost, 5000)
    assert even[0] == pytest.approx(5 * even[-1], rel=0.1)


def test_one_collision_is_a_whole_pool() -> None:
    spectrum = HardSpectrum(np.array([20.0]), np.array([0.3]), 0.5)
    assert spectrum.quiet_probability == pytest.approx(np.exp(-0.5))
    assert spectrum.softer.tolist() == [0.0]
