"""Learned bits in every implementation: formats per channel and constants per weight, with 0 different words."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import projects
import pytest
from bits_toy import FORMATS, mixed_network, shaken, words

from l1ml.conversion import ConversionConfig, hls_project, rtl_project
from l1ml.conversion.cpp import cpp_project
from l1ml.emulation import Emulator, IntegerEmulator
from l1ml.emulation.c_simulation import CSimulation
from l1ml.emulation.cpp_emulator import CppEmulator
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.rtl_simulation import RtlSimulation
from l1ml.model import TriggerModel

pytest.importorskip("qkeras")
pytest.importorskip("alkaid")


@cache
def model() -> TriggerModel:
    from l1ml.training.bits import freeze_bits

    network = shaken(mixed_network(), words(500, np.random.default_rng(1)))
    return projects.trigger_model(freeze_bits(network), "learned", FORMATS)


def emulator(name: str, folder: Path) -> Emulator:
    match name:
        case "keras":
            return KerasEmulator(model())
        case "cpp":
            return CppEmulator(cpp_project(model()).write(folder), options=("-O1",))
        case "c_simulation":
            return CSimulation(hls_project(model(), ConversionConfig()).write(folder))
        case _:
            return RtlSimulation(rtl_project(model(), ConversionConfig()).write(folder))


@pytest.mark.parametrize("name", ["keras", "cpp", "c_simulation", "rtl_simulation"])
def test_no_word_differs(name: str, tmp_path: Path) -> None:
    given = words(20_000, np.random.default_rng(2))
    expected = IntegerEmulator(model().network).predict(given)
    np.testing.assert_array_equal(emulator(name, tmp_path).predict(given), expected)
    # the score saturates: words outside the sample that the ranges are from
    assert (np.ptp(expected, axis=0) > 0).all()
