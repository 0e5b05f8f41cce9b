from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import projects
import pytest

from l1ml.conversion import ConversionConfig, rtl_project
from l1ml.emulation import Emulator, IntegerEmulator, compare
from l1ml.emulation.rtl_simulation import RtlSimulation
from l1ml.emulation.rtl_timing import measure_timing
from l1ml.emulation.stimuli import random_words
from l1ml.errors import BitMismatchError, DataError, ToolNotFoundError
from l1ml.hardware import FixedPoint


@pytest.fixture(scope="module")
def simulation() -> RtlSimulation:
    return RtlSimulation(projects.written("verilog"))


def test_every_word_is_that_of_the_integers(simulation: RtlSimulation, rng: np.random.Generator) -> None:
    assert isinstance(simulation, Emulator)
    words = random_words(projects.FORMATS, 100_000, rng)
    integers = IntegerEmulator(projects.small_model().network)
    scores = simulation.predict(words)
    assert len(np.unique(scores)) > 1000
    report = compare(("rtl", simulation.output_format, scores), ("integers", integers.output_format, integers.predict(words)))
    report.require_exact()


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7])
def test_short_series(simulation: RtlSimulation, n: int) -> None:
    golden = projects.small_model().golden
    np.testing.assert_array_equal(simulation.predict(golden.inputs[:n]), golden.scores[:n])


def test_the_measured_latency_is_the_claimed_one(simulation: RtlSimulation, rng: np.random.Generator) -> None:
    timing = simulation.measure_latency(rng)
    assert timing.agrees
    assert timing == simulation.measure_latency(np.random.default_rng(99))
    assert timing.interval_cycles == 1
    assert timing.latency_cycles > 2
    assert timing.latency_ns == timing.latency_cycles * 4.166
    assert timing.measured_by == "Verilator 5.48.0 simulation"
    assert timing.to_dict()["cycles"] == timing.latency_cycles


def test_words_beyond_their_width_are_refused(simulation: RtlSimulation) -> None:
    with pytest.raises(DataError, match="outside"):
        simulation.predict(np.full((1, len(projects.FORMATS)), 1, np.int32))


def test_without_verilator_the_error_names_it_and_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = projects.project("verilog").write(tmp_path)
    monkeypatch.setitem(sys.modules, "verilator", None)
    with pytest.raises(ToolNotFoundError, match=r"'verilator' is not installed.*--with keras,integers"):
        RtlSimulation(folder)


def test_without_a_compiler_the_error_names_it_and_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = projects.project("verilog").write(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolNotFoundError, match=r"g\+\+ is not on PATH.*l1ml verify <model folder> --with keras,integers"):
        RtlSimulation(folder)


@pytest.mark.skipif(shutil.which("ghdl") is None, reason="GHDL is not installed")
def test_vhdl_gives_every_word_in_the_same_time(simulation: RtlSimulation, tmp_path: Path, rng: np.random.Generator) -> None:
    vhdl = RtlSimulation(rtl_project(projects.small_model(), ConversionConfig(rtl_language="vhdl")).write(tmp_path))
    words = random_words(projects.FORMATS, 20_000, rng)
    np.testing.assert_array_equal(vhdl.predict(words), simulation.predict(words))
    timing = vhdl.measure_latency()
    assert timing.agrees
    assert timing.latency_cycles == simulation.measure_latency().latency_cycles
    assert timing.measured_by == "Verilator 5.48.0 simulation of GHDL's Verilog"


def test_without_ghdl_the_error_names_it_and_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = rtl_project(projects.small_model(), ConversionConfig(rtl_language="vhdl")).write(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolNotFoundError, match=r"ghdl is not on PATH.*l1ml verify <model folder> --with keras,integers"):
        RtlSimulation(folder)


def test_stages_are_as_many_as_asked_for(tmp_path: Path) -> None:
    project = rtl_project(projects.small_model(), ConversionConfig(stages=2))
    golden = projects.small_model().golden
    simulation = RtlSimulation(project.write(tmp_path))
    np.testing.assert_array_equal(simulation.predict(golden.inputs), golden.scores)
    # registers before each stage, and one behind the last
    assert project.manifest["estimate"]["stages"] == 2
    assert simulation.measure_latency().latency_cycles == 3


def pipeline(latency: int, interval: int = 1) -> Callable[[np.ndarray], np.ndarray]:
    """A device that samples its input in every `interval`-th cycle and shows the sum of the words `latency` edges later."""

    def record(words: np.ndarray) -> np.ndarray:
        sampled = np.arange(len(words)) // interval * interval
        sums = words.astype(np.int64).sum(axis=1)[sampled]
        return np.concatenate([np.zeros(latency - 1, np.int64), sums])[: len(words), None]

    return record


FORMATS = (FixedPoint(12, 12, False), FixedPoint(9, 9))


@pytest.mark.parametrize(("latency", "interval"), [(1, 1), (5, 1), (40, 1), (9, 4)])
def test_timing_of_known_devices(latency: int, interval: int, rng: np.random.Generator) -> None:
    timing = measure_timing(pipeline(latency, interval), FORMATS, rng, clock_ns=5.0, measured_by="numpy", claimed=(latency, 1))
    assert (timing.latency_cycles, timing.interval_cycles) == (latency, interval)
    assert timing.agrees == (interval == 1)


def test_a_constant_output_has_no_latency(rng: np.random.Generator) -> None:
    with pytest.raises(BitMismatchError, match="a constant output has no latency"):
        measure_timing(lambda words: np.zeros((len(words), 1), np.int64), FORMATS, rng, clock_ns=5.0, measured_by="numpy")


def test_an_output_that_flickers_is_refused(rng: np.random.Generator) -> None:
    def flickering(words: np.ndarray) -> np.ndarray:
        outputs = pipeline(5)(words)
        outputs[2::128] += 1
        return outputs

    with pytest.raises(BitMismatchError, match="changes more than once"):
        measure_timing(flickering, FORMATS, rng, clock_ns=5.0, measured_by="numpy")


def test_a_latency_that_depends_on_the_crossing_is_refused(rng: np.random.Generator) -> None:
    def uneven(words: np.ndarray) -> np.ndarray:
        early, late = pipeline(5)(words), pipeline(6)(words)
        return np.where(late % 2 == 0, late, early)

    with pytest.raises(BitMismatchError, match=r"different numbers of clock cycles|changes more than once"):
        measure_timing(uneven, FORMATS, rng, clock_ns=5.0, measured_by="numpy")
