"""Random networks in the streams of every HLS back end, word for word; larger ones, and arrays, with ``-m slow``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import projects
import pytest
from random_networks import random_network

from l1ml._optional import require
from l1ml.conversion import hls, hls_project
from l1ml.conversion.hls_backends import HLS_BACKENDS, IO_TYPES
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.c_simulation import CSimulation
from l1ml.emulation.stimuli import random_words
from l1ml.model import GoldenWords, TriggerModel

require("hls4ml")


@pytest.fixture(autouse=True)
def _without_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    """There are no Keras files of these networks: the integers are what is converted."""
    monkeypatch.setattr(hls, "load_exact", lambda model: model.network)


def check(seed: int, n_operations: int, backend: str, io_type: str, folder: Path) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng, n_operations)
    words = random_words(network.input_formats, 2000, rng)
    expected = IntegerEmulator(network).predict(words)
    features = tuple(f"input_{index}" for index in range(len(network.input_formats)))
    golden = GoldenWords(words[:8], expected[:8])
    model = TriggerModel("random", "0" * 64, features, network, "words", b"", golden)
    found = CSimulation(hls_project(model, projects.hls_config(backend, io_type)).write(folder)).predict(words)
    np.testing.assert_array_equal(found, expected)
    assert (np.ptp(expected, axis=0) > 0).sum() > 3


@pytest.mark.parametrize("backend", ["vitis", "catapult", "oneapi", "libero"])
def test_a_small_one_in_streams(backend: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    check(3, 8, backend, "io_stream", tmp_path)
    assert projects.HANGING not in capfd.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("io_type", IO_TYPES)
@pytest.mark.parametrize("backend", HLS_BACKENDS)
def test_larger_ones(backend: str, io_type: str, seed: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    check(seed, 24, backend, io_type, tmp_path)
    assert projects.HANGING not in capfd.readouterr().out
