from __future__ import annotations

import numpy as np
import pytest
from calo_toy import irregular_geometry, toy_showers

from l1ml.errors import ConfigError, DataError
from offline.calorimeter import Showers
from offline.calorimeter.generators import Cascade, CascadeSettings, Schedule, fit_cascade
from offline.calorimeter.simulation import Simulator


def test_generated_showers_are_like_simulated_ones(trained: Cascade, small: Simulator) -> None:
    truth = Showers.concatenate(list(small.batches(3000, 1e3, 1e4, seed=2)))
    made = trained.sample(truth.incident_energy, np.random.default_rng(1))
    assert made.geometry == truth.geometry
    np.testing.assert_array_equal(made.incident_energy, truth.incident_energy)
    assert made.energies[made.energies > 0].min() >= np.float32(0.01515)
    response, expected = (part.total_energy() / part.incident_energy for part in (made, truth))
    np.testing.assert_allclose(response.mean(), expected.mean(), rtol=0.03)
    np.testing.assert_allclose(response.std(), expected.std(), rtol=0.1)
    for low in (0, 1500):
        rows = np.argsort(truth.incident_energy)[low : low + 1500]
        pairs = [(part.layer_energies()[rows].mean(axis=0), part.layer_hits()[rows].mean(axis=0)) for part in (made, truth)]
        # the first layer is mostly empty
        np.testing.assert_allclose(pairs[0][0], pairs[1][0], rtol=0.1, atol=3.0)
        np.testing.assert_allclose(pairs[0][1], pairs[1][1], rtol=0.1, atol=0.1)
    radius = [(part.energies * part.geometry.voxels.r).sum(axis=1) / part.energies.sum(axis=1) for part in (made, truth)]
    np.testing.assert_allclose(radius[0].mean(), radius[1].mean(), rtol=0.05)


def test_equal_seeds_make_equal_showers(trained: Cascade, truth: Showers, quick: CascadeSettings) -> None:
    energies = np.geomspace(1100.0, 9e3, 25)
    first, again = (trained.sample(energies, np.random.default_rng(4), batch=10) for _ in range(2))
    np.testing.assert_array_equal(first.energies, again.energies)
    rows = np.flatnonzero(truth.total_energy() > 0)
    same = fit_cascade(truth.select(rows), quick, threshold=0.01515).sample(energies, np.random.default_rng(4), batch=10)
    np.testing.assert_array_equal(same.energies, first.energies)
    other = trained.sample(energies, np.random.default_rng(5), batch=10)
    assert (other.energies != first.energies).any(axis=1).all()


def test_energies_outside_the_training_are_refused_unless_asked(trained: Cascade) -> None:
    rng, far = np.random.default_rng(1), np.array([5e3, 2e4])
    with pytest.raises(DataError, match="1 of 2 energies are outside, such as 20000 MeV"):
        trained.sample(far, rng)
    assert len(trained.sample(far, rng, extrapolate=True)) == 2
    with pytest.raises(DataError, match="energy of particle 0 is nan"):
        trained.sample(np.array([np.nan]), rng)
    with pytest.raises(ConfigError, match="one shower or more"):
        trained.sample(np.array([5e3]), rng, batch=0)


def test_any_layers_and_no_threshold_will_do(rng: np.random.Generator) -> None:
    showers = toy_showers(irregular_geometry(), 1200, rng)
    showers = showers.select(np.flatnonzero(showers.total_energy() > 0))
    settings = CascadeSettings(flow=Schedule((8,), 1, 200), rings=Schedule((8,), 1, 200), steps=2)
    made = fit_cascade(showers, settings, threshold=0.0).sample(showers.incident_energy[:50], rng)
    assert made.geometry == irregular_geometry()
    np.testing.assert_allclose(made.layer_hits().mean(axis=0), showers.layer_hits().mean(axis=0), rtol=0.3)


def test_what_cannot_be_learnt_from_is_refused(truth: Showers) -> None:
    with pytest.raises(DataError, match="1000 showers or more, received 100"):
        fit_cascade(truth.select(slice(0, 100)))
    with pytest.raises(DataError, match="voxels hold less than the threshold of 5 MeV"):
        fit_cascade(truth, threshold=5.0)
    blank = truth.energies.copy()
    blank[3] = 0.0
    with pytest.raises(DataError, match="has no energy in any voxel"):
        fit_cascade(Showers(truth.geometry, truth.incident_energy, blank))


@pytest.mark.parametrize(
    "change", [{"hidden": ()}, {"hidden": (0,)}, {"epochs": 0}, {"batch": 0}, {"learning_rate": 0.0}, {"learning_rate": 2.0}]
)
def test_what_is_no_schedule_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="1 or more and a learning rate"):
        Schedule(**{"hidden": (8,), "epochs": 1, "batch": 10, **change})  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [{"steps": 0}, {"held_out": 0.0}, {"held_out": 0.6}, {"seed": -1}])
def test_what_are_no_settings_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="one step or more"):
        CascadeSettings(**change)  # type: ignore[arg-type]
