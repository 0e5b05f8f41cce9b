from __future__ import annotations

import numpy as np
import pytest

from l1ml.data.generation.level1.muons import PlacedCandidates, build_muons, measured_pt


def candidates(n: int, pt: float, *, eta: float = 0.5, probability: float = 1.0, least: float = 1.0) -> PlacedCandidates:
    columns = [np.full(n, value) for value in (pt, eta, 0.1, probability, least, -1)]
    return PlacedCandidates(np.arange(n), *columns)


@pytest.mark.parametrize("eta", [0.3, 1.0, 2.0])
def test_a_threshold_keeps_ninety_percent_of_muons_that_have_its_pt(eta: float, rng: np.random.Generator) -> None:
    measured = measured_pt(np.full(100_000, 20.0), np.full(100_000, eta), rng)
    assert (measured >= 20).mean() == pytest.approx(0.9, abs=0.005)


def test_efficiency_and_probability_multiply(rng: np.random.Generator) -> None:
    found = build_muons(candidates(50_000, 20, probability=0.5), 50_000, rng)
    assert (found["hw_pt"][:, 0] > 0).mean() == pytest.approx(0.5 * 0.95, abs=0.01)


def test_words_stand_on_the_scales_of_the_global_trigger(rng: np.random.Generator) -> None:
    found = build_muons(candidates(2000, 30, eta=-1.0), 2000, rng)
    valid = found["hw_pt"][:, 0] > 0
    assert np.median(found["hw_pt"][valid, 0]) == pytest.approx(30 * (1 + 1.2816 * 0.22) / 0.5 + 1, abs=3)
    assert set(found["hw_eta"][valid, 0]) == {-92}
    assert set(found["hw_phi"][valid, 0]) == {int(0.1 * 576 / (2 * np.pi))}
    assert not found["hw_eta"][~valid].any()


def test_decay_muons_are_softer_and_too_soft_ones_are_lost(rng: np.random.Generator) -> None:
    whole = build_muons(candidates(20_000, 8), 20_000, rng)["hw_pt"][:, 0]
    decays = build_muons(candidates(20_000, 8, least=0.05), 20_000, rng)["hw_pt"][:, 0]
    assert np.median(decays[decays > 0]) < np.median(whole[whole > 0])
    assert (decays > 0).mean() == pytest.approx(0.95 * (8 - 3.5) / (8 * 0.95), abs=0.02)
    forward = build_muons(candidates(20_000, 8, eta=-1.6, least=0.05), 20_000, rng)["hw_pt"][:, 0]
    assert (forward > 0).mean() == pytest.approx(0.95 * (8 - 2) / (8 * 0.95), abs=0.02)


def test_a_straight_track_saturates(rng: np.random.Generator) -> None:
    assert build_muons(candidates(10, 5000), 10, rng)["hw_pt"].max() == 511
