"""What is measured tells mass and lifetime, as the formulas of decays say."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from offline.inference import simulate
from offline.inference.examples.beam_dump import BeamDump

MODEL = BeamDump()


def seen(mass: float, lifetime: float) -> NDArray[np.float64]:
    return MODEL(np.tile([mass, lifetime], (200, 1)), np.random.default_rng(1)).reshape(-1, 6)


@pytest.mark.parametrize("mass", [0.1, 0.5])
def test_the_mass_is_in_energies_and_angle(mass: float) -> None:
    x = seen(mass, 0.3)
    # m^2 = E1 E2 angle^2 for small angles
    assert np.median(np.exp(0.5 * (x[:, 0] + x[:, 1]) + x[:, 4])) == pytest.approx(mass, rel=0.1)


def test_short_lives_end_early() -> None:
    early, late = (np.median(seen(0.5, lifetime)[:, 5]) for lifetime in (0.01, 3.0))
    assert early < late - 10
    # boosts are of the order of 100: a life of 3 m is a length of hundreds, and decays are everywhere
    assert late == pytest.approx(55, abs=8)


def test_photons_are_inside_the_calorimeter_and_ordered() -> None:
    found = simulate(MODEL.prior, MODEL, 200, seed=1).x
    assert found.shape == (200, 10, 6)
    assert (found[..., 0] >= found[..., 1]).all()
    inside = found[..., 2] <= 2 * MODEL.radius + 0.1
    assert inside.mean() > 0.99
