from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from calo_toy import irregular_geometry, toy_showers

from l1ml.errors import ConfigError
from offline.calorimeter import Showers
from offline.calorimeter.generators import Cascade, Diffusion, read_generator, write_generator
from offline.calorimeter.generators.diffusion.fit import fit_diffusion
from offline.calorimeter.generators.diffusion.samplers import SAMPLERS

ENERGIES = np.geomspace(1100.0, 9e3, 20)


def test_layers_keep_their_energy_and_their_hits(diffusion: Diffusion) -> None:
    layers, hits = diffusion.flow.draw(ENERGIES, np.random.default_rng(1))
    made = diffusion.sample(ENERGIES, np.random.default_rng(1))
    np.testing.assert_allclose(made.layer_energies(), layers, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(made.layer_hits(), hits)
    assert made.energies[made.energies > 0].min() >= np.float32(diffusion.threshold)
    np.testing.assert_array_equal(made.incident_energy, ENERGIES)


def test_showers_are_as_wide_as_true_ones(diffusion: Diffusion, learnt: Showers) -> None:
    made = diffusion.drawn_with(steps=16).sample(learnt.incident_energy, np.random.default_rng(1), batch=500)
    rows = learnt.energies.sum(axis=1) > 0
    radius = [
        (part.energies * part.geometry.voxels.r)[rows].sum(axis=1) / part.energies[rows].sum(axis=1) for part in (made, learnt)
    ]
    # within a quarter of the spread from shower to shower: 120 updates are few
    assert radius[0].mean() == pytest.approx(radius[1].mean(), abs=0.25 * radius[1].std())
    record = diffusion.record["voxels"]
    assert record["held_out_loss"] < 1.2 * record["held_out_loss_without"]


def test_equal_seeds_make_equal_showers_in_a_file_too(diffusion: Diffusion, tmp_path: Path) -> None:
    first = diffusion.sample(ENERGIES, np.random.default_rng(4), batch=8).energies
    write_generator(tmp_path / "a.h5", diffusion)
    again = read_generator(tmp_path / "a.h5", diffusion.geometry)
    assert isinstance(again, Diffusion)
    np.testing.assert_array_equal(again.sample(ENERGIES, np.random.default_rng(4), batch=8).energies, first)
    assert again.record == json.loads(json.dumps(diffusion.record))
    assert (again.denoiser.noise, again.denoiser.shape, again.drawing) == (
        diffusion.denoiser.noise,
        diffusion.denoiser.shape,
        diffusion.drawing,
    )
    write_generator(tmp_path / "b.h5", again)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()
    other = diffusion.sample(ENERGIES, np.random.default_rng(5), batch=8).energies
    assert (other != first).any(axis=1).all()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_it_draws_with_any_sampler(diffusion: Diffusion, sampler: str) -> None:
    other = diffusion.drawn_with(sampler=sampler, steps=3)
    assert (other.drawing.sampler, other.drawing.steps) == (sampler, 3)
    made = other.sample(ENERGIES, np.random.default_rng(4))
    assert made.total_energy().min() > 0


def test_what_it_cannot_do_is_refused(diffusion: Diffusion, trained: Cascade, rng: np.random.Generator) -> None:
    with pytest.raises(ConfigError, match="no sampler is called 'hein'; did you mean 'heun'"):
        diffusion.drawn_with(sampler="hein")
    with pytest.raises(ConfigError, match="one step or more, received 0"):
        diffusion.drawn_with(steps=0)
    with pytest.raises(ConfigError, match="the kind 'cascade' draws in one way"):
        trained.drawn_with(steps=3)
    assert trained.drawn_with() is trained
    with pytest.raises(ConfigError, match="train the method cascade, which takes any"):
        fit_diffusion(toy_showers(irregular_geometry(), 10, rng))
