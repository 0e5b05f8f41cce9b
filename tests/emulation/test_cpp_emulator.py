from __future__ import annotations

import _ctypes
import ctypes
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cpp_toy
import numpy as np
import pytest

from l1ml.conversion.cpp import cpp_project
from l1ml.emulation import Emulator, IntegerEmulator
from l1ml.emulation import cpp_emulator as module
from l1ml.emulation.cpp_emulator import CppEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConversionError, DataError, ToolNotFoundError
from l1ml.model import Network, TriggerModel
from l1ml.model.operations import Gather

AXO = Path(__file__).parents[2] / "models" / "axo"
QUICK = ("-O1",)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cpp_project(cpp_toy.model(cpp_toy.small_network())).write(tmp_path_factory.mktemp("cpp"))


@pytest.fixture
def emulator(folder: Path) -> CppEmulator:
    return CppEmulator(folder, options=QUICK)


def words(emulator: Emulator, n: int, seed: int = 3) -> np.ndarray:
    return random_words(emulator.input_formats, n, np.random.default_rng(seed))


def expected(seed: int, given: np.ndarray) -> np.ndarray:
    return IntegerEmulator(cpp_toy.small_network(seed)).predict(given)


def test_the_shipped_model(tmp_path: Path) -> None:
    model = TriggerModel.load(AXO)
    emulator = CppEmulator(cpp_project(model).write(tmp_path), options=QUICK)
    given = words(emulator, 20_000)
    np.testing.assert_array_equal(emulator.predict(given), IntegerEmulator(model.network).predict(given))
    np.testing.assert_array_equal(emulator.predict(model.golden.inputs), model.golden.scores)
    assert emulator.digest == model.digest


def test_it_is_an_emulator(emulator: CppEmulator) -> None:
    assert isinstance(emulator, Emulator)
    assert emulator.output_format == cpp_toy.small_network().output_format


@pytest.mark.parametrize("kind", [np.int16, np.uint16, np.int32, np.int64])
@pytest.mark.parametrize("n", [0, 1, 5000])
def test_words_of_any_type_and_number(emulator: CppEmulator, kind: type, n: int) -> None:
    given = np.abs(words(emulator, n)) * [1, 1, 1, 0] % [512, 32, 128, 1]
    np.testing.assert_array_equal(emulator.predict(given.astype(kind)), expected(1, given))


def test_rows_that_are_not_contiguous(emulator: CppEmulator) -> None:
    given = words(emulator, 3000)
    np.testing.assert_array_equal(emulator.predict(np.asfortranarray(given)[::3]), expected(1, given[::3]))


def test_several_outputs(tmp_path: Path) -> None:
    network = Network(cpp_toy.small_network().input_formats, [Gather(np.array([2, 0, -1]))])
    emulator = CppEmulator(cpp_project(cpp_toy.model(network)).write(tmp_path), options=QUICK)
    given = words(emulator, 100)
    np.testing.assert_array_equal(emulator.predict(given), IntegerEmulator(network).predict(given))


@pytest.mark.parametrize(("kind", "value"), [(np.int32, 512), (np.int32, -1), (np.int64, 1 << 32), (np.uint64, 1 << 63)])
def test_a_word_no_link_could_carry_is_refused(emulator: CppEmulator, kind: type, value: int) -> None:
    given = np.zeros((5000, 4), kind)
    given[4321, 0] = value
    with pytest.raises(DataError, match=f"input 0 of crossing 4321 is {value}, outside 0..511"):
        emulator.predict(given)


@pytest.mark.parametrize("shape", [(3, 5), (4,)])
def test_wrong_shapes_are_refused(emulator: CppEmulator, shape: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match=r"expected integer words of shape \(n, 4\)"):
        emulator.predict(np.zeros(shape, np.int32))


def test_crossings_before_a_bad_one_are_scored_and_the_others_untouched(emulator: CppEmulator) -> None:
    table, given = emulator._table, words(emulator, 100)
    network = table.create()
    for row, column in ((0, 3), (40, 1), (99, 2)):
        bad = given.copy()
        bad[row, column] = 1000
        scores, place = np.full(100, -7), module._Place()
        assert table.predict(network, bad.ctypes.data, 100, scores.ctypes.data, ctypes.byref(place)) == 1
        assert (place.crossing, place.input) == (row, column)
        np.testing.assert_array_equal(scores[:row], expected(1, given[:row]))
        assert (scores[row:] == -7).all()
    table.destroy(network)


def test_a_network_of_another_library_is_refused(emulator: CppEmulator, tmp_path: Path) -> None:
    other = CppEmulator(cpp_project(cpp_toy.model(cpp_toy.small_network(2))).write(tmp_path), options=QUICK)
    network = other._table.create()
    given, scores = words(emulator, 1), np.zeros(1, np.int64)
    assert emulator._table.predict(network, given.ctypes.data, 1, scores.ctypes.data, None) == 3
    other._table.destroy(network)


def test_networks_come_and_go_while_threads_share_one(emulator: CppEmulator) -> None:
    table, given = emulator._table, words(emulator, 2000)
    network = table.create()

    def score(_: int) -> np.ndarray:
        own, scores = table.create(), np.zeros(len(given), np.int64)
        assert table.predict(network, given.ctypes.data, len(given), scores.ctypes.data, None) == 0
        table.destroy(own)
        return scores

    with ThreadPoolExecutor(8) as pool:
        for scores in pool.map(score, range(400)):
            np.testing.assert_array_equal(scores, expected(1, given))
    table.destroy(network)


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Ten versions of one network: the same name, the same functions, other weights."""
    root = tmp_path_factory.mktemp("ten")
    return [cpp_project(cpp_toy.model(cpp_toy.small_network(seed), "axo")).write(root) for seed in range(10)]


@pytest.mark.parametrize("visibility", ["hidden", "default"])
def test_ten_networks_in_one_process_never_meet(ten: list[Path], visibility: str) -> None:
    options = ("-O0", f"-fvisibility={visibility}")
    loaded = [CppEmulator(folder, options=options, mode=ctypes.RTLD_GLOBAL) for folder in ten]
    given = words(loaded[0], 2000)
    assert len({emulator.digest for emulator in loaded}) == len({expected(seed, given).tobytes() for seed in range(10)}) == 10
    for seed in (*range(10), *reversed(range(10))):
        np.testing.assert_array_equal(loaded[seed].predict(given), expected(seed, given))


@pytest.mark.parametrize("visibility", ["hidden", "default"])
def test_every_symbol_but_the_entry_carries_the_digest(ten: list[Path], visibility: str) -> None:
    options = ("-O0", f"-fvisibility={visibility}")
    before = set((ten[0] / "build").glob("*.so"))
    digest = CppEmulator(ten[0], options=(*options, "-DALONE")).digest
    (library,) = set((ten[0] / "build").glob("*.so")) - before
    symbols = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout
    rows = [line.split()[-2:] for line in symbols.splitlines()]
    assert [name for _, name in rows if digest[:8] not in name] == ["l1ml_network_v1"]
    assert "u" not in {kind for kind, _ in rows}, "a unique symbol is one for the whole process and keeps its library loaded"


def test_a_library_is_unloaded_and_loaded_again(folder: Path, tmp_path: Path) -> None:
    CppEmulator(folder, options=QUICK)
    # a copy: emulators of other tests hold the original
    path = Path(shutil.copy(next((folder / "build").glob("cpp-*.so")), tmp_path))
    for _ in range(50):
        library = ctypes.CDLL(str(path))
        entry = library["l1ml_network_v1"]
        entry.restype = ctypes.POINTER(module._Table)
        table = entry().contents
        table.destroy(table.create())
        _ctypes.dlclose(library._handle)
        assert str(path) not in Path("/proc/self/maps").read_text()


def test_options_are_part_of_what_is_kept(folder: Path) -> None:
    before = set((folder / "build").glob("cpp-*.so"))
    CppEmulator(folder, options=("-O0",))
    again = set((folder / "build").glob("cpp-*.so"))
    assert len(again - before) == 1
    CppEmulator(folder, options=("-O0",))
    assert set((folder / "build").glob("cpp-*.so")) == again


def test_a_project_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="l1ml export cpp"):
        CppEmulator(tmp_path)


def test_a_library_of_another_model_is_refused(ten: list[Path]) -> None:
    manifest = (ten[0] / "manifest.json").read_text()
    digest = CppEmulator(ten[0], options=("-O0",)).digest
    (ten[0] / "manifest.json").write_text(manifest.replace(digest, "f" * 64))
    try:
        with pytest.raises(ConversionError, match="the manifest has ffffffff"):
            CppEmulator(ten[0], options=("-O0",))
    finally:
        (ten[0] / "manifest.json").write_text(manifest)


def test_without_a_compiler_the_verb_that_needs_none_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolNotFoundError, match=r"g\+\+ is not on PATH.*integers"):
        CppEmulator(folder, options=("-O1", "-DNEW"))
