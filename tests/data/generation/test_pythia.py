from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from l1ml.data.generation import GenerationConfig, generate
from l1ml.data.generation.collisions import TablesJob
from l1ml.data.generation.particles import stable_particles
from l1ml.data.generation.pythia import SIGNALS, PythiaProcess, batches, hard_qcd, signal, soft_qcd, start
from l1ml.data.generation.truth import TRUTH_NAMES, collision_truth
from l1ml.errors import DataError, ToolNotFoundError

CONFIG = GenerationConfig()


def test_without_pythia_the_pip_command_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pythia8mc", None)
    with pytest.raises(ToolNotFoundError, match=r"pip install 'l1ml\[generate\]'"):
        generate(CONFIG, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_setting_is_refused_by_name() -> None:
    with pytest.raises(DataError, match="does not accept the setting 'No:such=on'"):
        start(PythiaProcess("odd", ("Print:quiet=on", "No:such=on")), 1)


def test_truncated_tables_do_not_count(tmp_path: Path) -> None:
    job = TablesJob(soft_qcd(CONFIG), 1, tmp_path)
    job.path.write_text("Init:reuseMPIiDiffSys0 = { 1,\n 2212 ")
    assert not job.is_done()


@pytest.mark.parametrize("name", SIGNALS)
def test_signals_hold_their_particles_and_conserve_momentum(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    pythia = start(signal(name, CONFIG), 5)
    batch = next(batches(pythia, 20))
    codes = np.abs(np.concatenate([np.asarray(event) for event in batch.prt.id]))
    expected = {"haa4b": (35, 36, 5), "htautau": (25, 15), "ttbar": (6, 24)}[name]
    assert set(expected) <= set(codes.tolist())
    particles = stable_particles(batch, pythia.particleData)
    for column in (particles.px, particles.py, particles.pz):
        np.testing.assert_allclose(np.bincount(particles.collision, column), 0, atol=1e-2)
    np.testing.assert_allclose(np.bincount(particles.collision, particles.energy), CONFIG.energy_gev, rtol=1e-6)
    np.testing.assert_allclose(np.bincount(particles.collision, particles.charge), 2, atol=1e-9)
    truth = collision_truth(particles)
    assert set(truth) == set(TRUTH_NAMES)
    assert all(values.shape == (20,) and (values >= 0).all() for values in truth.values())
    assert np.median(truth["gen_jet_pt"]) > 20
    assert capfd.readouterr().out == ""


def test_truth_agrees_with_a_loop_over_particles() -> None:
    pythia = start(signal("htautau", CONFIG), 6)
    particles = stable_particles(next(batches(pythia, 30)), pythia.particleData)
    truth = collision_truth(particles)
    for event in range(30):
        own = particles.select(particles.collision == event)
        muons = own.pt[own.is_muon & (np.abs(own.eta) < 2.4)]
        lost = own.is_neutrino
        assert truth["gen_muon_pt"][event] == pytest.approx(muons.max(initial=0), rel=1e-6)
        assert truth["gen_met"][event] == pytest.approx(np.hypot(own.px[lost].sum(), own.py[lost].sum()), rel=1e-5)
    photons_of_pions = particles.is_electromagnetic & ~particles.prompt
    assert photons_of_pions.sum() > 50 * (particles.is_electromagnetic & particles.prompt).sum() > 0


def test_hard_collisions_start_at_the_threshold_and_carry_the_bias_as_weight() -> None:
    batch = next(batches(start(hard_qcd(CONFIG), 7), 100))
    scale = np.sqrt(np.asarray(batch.info.pT2Hat))
    weight = np.asarray(batch.info.weights[:, 0])
    assert scale.min() > CONFIG.hard_threshold_gev * 0.999
    np.testing.assert_allclose(weight, (CONFIG.hard_threshold_gev / scale) ** CONFIG.bias_power, rtol=0.02)
    assert np.median(scale) > 2 * CONFIG.hard_threshold_gev


def test_fewer_events_than_asked_for_is_an_error() -> None:
    class Tired:
        def nextBatch(self, n: int) -> list[int]:
            return []

    with pytest.raises(DataError, match="stopped after 0 of 5 events"):
        list(batches(Tired(), 5))
