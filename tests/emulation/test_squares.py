"""Squares of words of many widths through the simulated RTL of both languages, word for word."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import numpy as np
import projects
import pytest

from l1ml.conversion import ConversionConfig, rtl_project
from l1ml.conversion.yosys import synthesise_with_yosys
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.rtl_simulation import RtlSimulation
from l1ml.emulation.stimuli import random_words
from l1ml.hardware import FixedPoint
from l1ml.model import TriggerModel

FORMATS = tuple(FixedPoint(width, width, signed) for width in (2, 3, 6, 8, 9, 12) for signed in (True, False))


@cache
def squares() -> TriggerModel:
    """A score for each word: its square."""
    return projects.trigger_model(projects.keras_model(["square"], len(FORMATS)), "squares", FORMATS)


@pytest.mark.parametrize("language", ["verilog", "vhdl"])
def test_every_square_is_that_of_the_integers_and_takes_no_block(language: str, tmp_path: Path) -> None:
    if language == "vhdl" and shutil.which("ghdl") is None:
        pytest.skip("GHDL is not installed")
    project = rtl_project(squares(), ConversionConfig(rtl_language=language)).write(tmp_path)
    words = random_words(FORMATS, 5000, np.random.default_rng(3))
    np.testing.assert_array_equal(RtlSimulation(project).predict(words), IntegerEmulator(squares().network).predict(words))
    if language == "verilog":
        report = synthesise_with_yosys(project)
        assert (report.dsp, report.bram18, report.uram) == (0, 0, 0)
        assert report.options["command"].endswith(" -nodsp")
