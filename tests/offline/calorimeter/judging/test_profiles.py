from __future__ import annotations

import numpy as np
import pytest
from calo_toy import irregular_geometry, regular_geometry, toy_showers

from offline.calorimeter.judging.histograms import compared
from offline.calorimeter.judging.pictures import pictures_of
from offline.calorimeter.judging.profiles import ring_energies, ring_layout, shower_profiles


def test_rings_hold_all_energy(rng: np.random.Generator) -> None:
    for geometry in (regular_geometry(), irregular_geometry()):
        showers = toy_showers(geometry, 4, rng)
        rings, layers = ring_energies(showers), ring_layout(geometry)
        assert np.add.reduceat(rings, np.searchsorted(layers, range(geometry.n_layers)), axis=1) == pytest.approx(
            showers.layer_energies(), rel=1e-5
        )
        assert np.array_equal(np.unique(geometry.voxels.ring), np.arange(rings.shape[1]))


def test_profiles_of_equal_rings_add_layers_and_of_others_take_one(rng: np.random.Generator) -> None:
    one, two = (toy_showers(regular_geometry(), 30, rng) for _ in range(2))
    found = shower_profiles(one, two)
    response = (one.total_energy() / one.incident_energy).mean()
    assert found["depth"].truth.sum() == pytest.approx(response)
    assert found["radius"].truth.sum() == pytest.approx(response)
    assert (found["radius"].axis, len(found["radius"].edges)) == ("r [mm]", 4)
    irregular = toy_showers(irregular_geometry(), 30, rng)
    assert shower_profiles(irregular, irregular)["radius"].axis.startswith("r in layer 1")


def test_pictures_are_of_the_rows_that_are_named(rng: np.random.Generator) -> None:
    one, two = (toy_showers(irregular_geometry(), 5, rng) for _ in range(2))
    found = pictures_of(one, two, {"missed": ("truth", np.array([4, 0])), "invented": ("generated", np.array([2]))})
    assert found.singles["missed"].incident_energy.tolist() == one.incident_energy[[4, 0]].tolist()
    assert found.singles["invented"].energies.sum() == pytest.approx(two.total_energy()[2], rel=1e-5)
    assert found.r_edges.shape == (len(found.layer_of_ring), 2)


def test_a_histogram_keeps_what_is_outside_and_looks_past_a_pile(rng: np.random.Generator) -> None:
    truth = np.concatenate([np.full(100, -8.0), rng.normal(3, 0.1, 900)])
    found = compared("log10 E layer 0", truth, truth + 100)
    assert found.edges[0] > 2
    assert found.truth.sum() == found.generated.sum() == 1000
    assert found.truth[0] >= 100
    assert found.generated[-1] == 1000
