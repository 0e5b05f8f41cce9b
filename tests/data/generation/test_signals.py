from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from l1ml.configuration import from_mapping
from l1ml.data.generation import GenerationConfig
from l1ml.data.generation.particles import Particles, stable_particles
from l1ml.data.generation.pools import pool_jobs
from l1ml.data.generation.production import PROCESSES, processes_of
from l1ml.data.generation.pythia import batches, signal, start
from l1ml.data.generation.signals import DEFAULT_SIGNALS, SIGNAL_RECIPES, signal_number
from l1ml.errors import ConfigError

CONTENTS = {
    "a4l": (25,),
    "lqbtau": (42, 15, 5),
    "h0tautau": (25, 15),
    "hchtaunu": (34, 15, 16),
    "haa4b_displaced": (35, 36, 5),
    "haa4tau_displaced": (35, 36, 15),
    "suep": (35, 4900111),
}


def events(name: str, n: int = 20) -> tuple[set[int], Particles]:
    pythia = start(signal(name, GenerationConfig()), 5)
    batch = next(batches(pythia, n))
    codes = np.abs(np.concatenate([np.asarray(event) for event in batch.prt.id]))
    return set(codes.tolist()), stable_particles(batch, pythia.particleData, displaced=SIGNAL_RECIPES[name].displaced)


@pytest.mark.parametrize("name", CONTENTS)
def test_recipes_run_and_hold_their_particles(name: str) -> None:
    codes, particles = events(name)
    assert set(CONTENTS[name]) <= codes
    np.testing.assert_allclose(np.bincount(particles.collision, particles.energy), 13600, rtol=1e-6)
    assert (particles.vertex is None) is not SIGNAL_RECIPES[name].displaced


def test_long_lived_particles_decay_far_from_the_centre() -> None:
    _, particles = events("haa4b_displaced", 60)
    assert particles.vertex is not None
    radius = np.hypot(particles.vertex[:, 0], particles.vertex[:, 1])
    assert np.median(radius) < 0.01
    assert 0.05 < (radius > 0.1).mean() < 0.5


def test_four_leptons_and_soft_energy_look_like_their_names() -> None:
    _, leptons = events("a4l", 40)
    prompt = np.isin(np.abs(leptons.pdg), (11, 13)) & leptons.prompt & (leptons.pt > 3)
    assert prompt.sum() / 40 > 2.5
    _, soft = events("suep", 40)
    _, top = events("ttbar", 40)
    assert np.median(np.bincount(soft.collision)) > np.median(np.bincount(top.collision))
    assert np.percentile(soft.pt, 99.5) < np.percentile(top.pt, 99.5)


def test_names_come_from_the_recipe_file_and_defaults_stay() -> None:
    assert processes_of(GenerationConfig()) == PROCESSES == ("zero_bias", "haa4b", "htautau", "ttbar")
    config = from_mapping(GenerationConfig, {"signals": ["suep", "ttbar"]}, "events")
    assert processes_of(config) == ("zero_bias", "suep", "ttbar")
    assert processes_of(replace(config, signals=())) == ("zero_bias",)


def test_a_signal_has_the_same_jobs_whatever_else_is_asked_for(tmp_path: Path) -> None:
    both = pool_jobs(GenerationConfig(signals=("suep", "ttbar")), tmp_path)
    alone = pool_jobs(GenerationConfig(), tmp_path)
    assert both.signals["ttbar"] == alone.signals["ttbar"]
    assert both.files("suep").signal != both.files("ttbar").signal


def test_random_streams_of_pools_and_crossings_do_not_meet() -> None:
    """Pools use the streams from 3 on, crossings those from 16 on."""
    assert [signal_number(name) for name in DEFAULT_SIGNALS] == [0, 1, 2]
    assert 3 + max(map(signal_number, SIGNAL_RECIPES)) < 16


@pytest.mark.parametrize(
    ("signals", "message"),
    [(("ttbr",), "no signal is called 'ttbr'; did you mean 'ttbar'"), (("ttbar", "ttbar"), "'ttbar' is asked for 2 times")],
)
def test_names_are_checked(signals: tuple[str, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        GenerationConfig(signals=signals)
