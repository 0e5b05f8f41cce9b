from __future__ import annotations

from dataclasses import replace

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


def mixture(n: int, rng: np.random.Generator) -> HardSpectrum:
    """The same with mu of 10 to 110 around a mean of 56."""
    relative, share = np.array([10.0, 40.0, 70.0, 110.0]) / 56, np.array([0.2, 0.3, 0.4, 0.1])
    return replace(power_law(n, rng), relative=relative * (1 / np.sum(relative * share)), share=share)


@given(
    hnp.arrays(np.float64, st.integers(1, 50), elements=st.floats(15, 1000)),
    st.floats(0.01, 20),
    hnp.arrays(np.float64, st.integers(1, 6), elements=st.floats(0, 4)),
    st.integers(0, 2**31),
)
def test_probabilities_add_up_to_one_for_any_pool_and_profile(
    scale: np.ndarray, mean: float, relative: np.ndarray, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    share = rng.random(len(relative)) + 1e-3
    spectrum = HardSpectrum(scale, rng.random(len(scale)) + 1e-3, mean, relative, share / share.sum())
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


def test_one_mu_is_what_it_was_before_there_were_profiles(rng: np.random.Generator) -> None:
    spectrum = power_law(50, rng)
    assert spectrum.quiet_probability == float(np.exp(-spectrum.rate.sum()))
    np.testing.assert_array_equal(spectrum.hardest_probability, np.exp(-spectrum.harder) * -np.expm1(-spectrum.rate))
    before = rng.bit_generator.state
    assert (spectrum.draw_relative(np.array([-1, 0, 3]), rng) == 1).all()
    assert rng.bit_generator.state == before


def chi_square(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.sum((found - expected) ** 2 / expected))


def test_classes_of_a_mixture_are_those_of_a_brute_force_draw(rng: np.random.Generator) -> None:
    """Class and mu of each crossing, and the number of further hard collisions: simulated forwards and stitched backwards."""
    spectrum = mixture(400, rng)
    n, edges = 400_000, [-1, 1, 17, 20, 25, 32, 45, 1e9]
    level = rng.choice(len(spectrum.relative), n, p=spectrum.share)
    number = rng.poisson(spectrum.mean * spectrum.relative[level])
    owner = np.repeat(np.arange(n), number)
    drawn = rng.choice(400, len(owner), p=spectrum.weight / spectrum.weight.sum())
    hardest = np.zeros(n)
    np.maximum.at(hardest, owner, spectrum.scale[drawn])
    further = np.minimum(np.maximum(number - 1, 0), 3)
    brute, _ = np.histogramdd([hardest, level, further], [edges, np.arange(5), np.arange(5)])

    which = np.concatenate([np.full(n // 4, -1), rng.integers(0, 400, n)])
    probability = np.where(which >= 0, spectrum.hardest_probability[which], spectrum.quiet_probability)
    weight = probability * np.where(which >= 0, 400 / n, 4 / n)
    relative = spectrum.draw_relative(which, rng)
    also = rng.poisson(np.where(which >= 0, spectrum.softer[which], 0) * relative)
    place = [np.append(spectrum.scale, 0)[which], np.searchsorted(spectrum.relative, relative), np.minimum(also, 3)]
    stitched, _ = np.histogramdd(place, [edges, np.arange(5), np.arange(5)], weights=weight)
    error, _ = np.histogramdd(place, [edges, np.arange(5), np.arange(5)], weights=weight**2)
    filled = brute >= 20
    assert filled.sum() > 60
    # a second copy of the hardest collision, which the stitching neglects, is not far below the errors with a pool of 400
    pull = (brute / n - stitched)[filled] / np.sqrt(brute / n**2 + error)[filled]
    assert np.mean(pull**2) < 1.5
    by_level = np.histogram(place[1], np.arange(5), weights=weight)[0]
    np.testing.assert_allclose(by_level, spectrum.share, atol=0.01)


def test_crossings_of_a_signal_have_more_pileup(rng: np.random.Generator) -> None:
    spectrum = mixture(10, rng)
    relative = spectrum.draw_relative_by_collision(100_000, rng)
    found = np.bincount(np.searchsorted(spectrum.relative, relative))
    assert chi_square(found, 100_000 * spectrum.share * spectrum.relative) < 16.3  # of 3, p = 0.001


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
    probable = probability > 0.1
    level = copies_per_collision(probability, np.ones(1000), 50_000, 1.0)[probable] / probability[probable]
    np.testing.assert_allclose(level, level.mean(), rtol=0.1)
    even = copies_per_collision(np.ones(1000), boost, 5000)
    assert even[0] == pytest.approx(5 * even[-1], rel=0.1)


def test_one_collision_is_a_whole_pool() -> None:
    spectrum = HardSpectrum(np.array([20.0]), np.array([0.3]), 0.5)
    assert spectrum.quiet_probability == pytest.approx(np.exp(-0.5))
    assert spectrum.softer.tolist() == [0.0]
