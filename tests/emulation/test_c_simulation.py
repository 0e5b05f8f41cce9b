from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import projects
import pytest

from l1ml.emulation import Emulator, IntegerEmulator, compare
from l1ml.emulation.c_simulation import CSimulation
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConversionError, DataError, ToolNotFoundError


@pytest.fixture(scope="module")
def simulation() -> CSimulation:
    return CSimulation(projects.written("vitis"))


def test_every_word_is_that_of_keras_and_of_the_integers(simulation: CSimulation, rng: np.random.Generator) -> None:
    assert isinstance(simulation, Emulator)
    model = projects.small_model()
    words = random_words(projects.FORMATS, 30_000, rng)
    scores = simulation.predict(words)
    assert len(np.unique(scores)) > 1000
    for other in (KerasEmulator(model), IntegerEmulator(model.network)):
        report = compare(
            (simulation.name, simulation.output_format, scores), (other.name, other.output_format, other.predict(words))
        )
        report.require_exact()
        assert report.n_words == 30_000


def test_the_golden_words_hold(simulation: CSimulation) -> None:
    golden = projects.small_model().golden
    np.testing.assert_array_equal(simulation.predict(golden.inputs), golden.scores)


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.int64, np.uint16])
def test_integer_types_and_strides_do_not_change_words(simulation: CSimulation, dtype: type, rng: np.random.Generator) -> None:
    words = np.abs(random_words(projects.FORMATS, 50, rng).astype(np.int64))
    words = np.minimum(words, [item.max_word for item in projects.FORMATS])
    given = np.asfortranarray(words.astype(dtype))
    np.testing.assert_array_equal(simulation.predict(given), simulation.predict(words))
    np.testing.assert_array_equal(simulation.predict(given[::2]), simulation.predict(words)[::2])


def test_floats_and_words_beyond_their_width_are_refused(simulation: CSimulation) -> None:
    with pytest.raises(DataError, match="expected integer words"):
        simulation.predict(np.zeros((4, len(projects.FORMATS))))  # type: ignore[arg-type]
    words = np.zeros((4, len(projects.FORMATS)), np.int32)
    words[2, 1] = 1
    with pytest.raises(DataError, match="input 1 of crossing 2 is 1"):
        simulation.predict(words)


def test_no_crossing_is_no_score(simulation: CSimulation) -> None:
    assert simulation.predict(np.zeros((0, len(projects.FORMATS)), np.int32)).shape == (0,)


def test_a_library_is_built_once_and_again_when_a_source_changes(simulation: CSimulation, tmp_path: Path) -> None:
    del simulation
    folder = tmp_path / "copy"
    shutil.copytree(projects.written("vitis"), folder)
    (library,) = (folder / "build").glob("c_simulation-*.so")
    made = library.stat().st_mtime_ns
    CSimulation(folder)
    assert library.stat().st_mtime_ns == made
    source = folder / "firmware/small_top.cpp"
    source.write_text(source.read_text() + "\n#error stop here\n")
    with pytest.raises(ConversionError, match=r"g\+\+ failed .*stop here.* \(whole output: .*\.log\)"):
        CSimulation(folder)


def test_without_a_compiler_the_error_names_it_and_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = projects.project("vitis").write(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolNotFoundError, match=r"g\+\+ is not on PATH.*l1ml verify <model folder> --with keras,integers"):
        CSimulation(folder)


def test_a_verilog_project_is_refused() -> None:
    with pytest.raises(DataError, match="is a verilog project"):
        CSimulation(projects.written("verilog"))
