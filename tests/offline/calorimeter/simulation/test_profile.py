from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offline.calorimeter.simulation import SIMULATORS
from offline.calorimeter.simulation.profile import RadialProfile, draw_profile

STACKS = [SIMULATORS["45x16x9"].stack, SIMULATORS["28x16x9"].stack]


@pytest.mark.parametrize("stack", STACKS)
@settings(deadline=None)
@given(energy=st.floats(0.1, 1e4), seed=st.integers(0, 2**32 - 1))
def test_all_energy_is_somewhere(stack: object, energy: float, seed: int) -> None:
    profile = draw_profile(stack, energy, np.random.default_rng(seed))  # type: ignore[arg-type]
    depth = np.linspace(0.0, 25.0, 30)
    for before in (profile.energy, profile.spots):
        share = before(depth)
        assert share[0] == 0.0
        assert (np.diff(share) >= 0).all()
        assert before(np.array([1e4]))[0] == pytest.approx(1.0)
    radial = RadialProfile.of(stack, energy, profile.tau(depth))  # type: ignore[arg-type]
    at = np.arange(30)
    within = [radial.within(np.full(30, radius), at) for radius in (0.0, 0.3, 1.0, 5.0, 1e6)]
    assert (within[0] == 0).all()
    assert (np.diff(within, axis=0) >= 0).all()
    np.testing.assert_allclose(within[-1], 1.0, atol=1e-6)


@pytest.mark.parametrize(("energy", "expected"), [(1.0, 4.0), (100.0, 8.6)])
def test_the_mean_maximum_of_one_material_follows_its_logarithm(rng: np.random.Generator, energy: float, expected: float) -> None:
    # ln T is normal about ln(ln y - 0.812), y = E / 9.64 MeV: its median is 3.83 and 8.43 radiation lengths
    drawn = [draw_profile(STACKS[1], energy, rng).maximum for _ in range(4000)]
    assert np.median(drawn) == pytest.approx(np.log(1000 * energy / 9.64) - 0.812, rel=0.02)
    assert np.median(drawn) == pytest.approx(expected, rel=0.05)


def test_shape_and_maximum_are_correlated(rng: np.random.Generator) -> None:
    stack, energy = STACKS[1], 50.0
    drawn = np.log([(p.maximum, p.shape) for p in (draw_profile(stack, energy, rng) for _ in range(4000))])
    log_y = np.log(1000 * energy / stack.critical_energy)
    assert np.corrcoef(drawn.T)[0, 1] == pytest.approx(0.705 - 0.023 * log_y, abs=0.04)
    np.testing.assert_allclose(drawn.std(axis=0), [1 / (-1.4 + 1.26 * log_y), 1 / (-0.58 + 0.86 * log_y)], rtol=0.05)
