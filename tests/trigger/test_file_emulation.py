from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from toy import toy_events
from trigger_toy import menu_with
from ugt_toy import random_crossings

from l1ml.data import Events, EventWriter
from l1ml.data.event_layout import as_text, part_path
from l1ml.data.ugt_vectors import write_vectors
from l1ml.emulation.portable import PortableNetwork, read_network
from l1ml.errors import ConfigError, DataError, SchemaError
from l1ml.hardware import FixedPoint
from l1ml.model import GoldenWords, Network
from l1ml.model.operations import Dense
from l1ml.trigger import crossing_source
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.crossing_source import CrossingSource, total_crossings
from l1ml.trigger.decision_file import DecisionFile, iterate_decisions, read_decisions
from l1ml.trigger.decisions import decide
from l1ml.trigger.file_emulation import Emulation, emulate_files
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.toml_menu import write_toml_menu
from l1ml.trigger.networks import BoundNetwork, NetworkInputs

ROOT = Path(__file__).parents[2]
AXO = ROOT / "models" / "axo"


@pytest.fixture(scope="module")
def axo() -> PortableNetwork:
    return read_network(AXO)


@pytest.fixture
def menu(axo: PortableNetwork) -> Menu:
    expressions = ("EG25", "MU22", "AXO[AXO-MODEL_axo, AXO-SCORE_5]", "EG10", "JET30 AND MU3")
    prescales = {"L1_3": {"prescale": 2.5}, "L1_4": {"prescale": 7}, "L1_0": {"prescale": 3}}
    return menu_with(*expressions, networks={"axo": axo.digest}, **prescales)


def many(n: int) -> Events:
    events = toy_events(n, np.random.default_rng(4))
    rows = np.arange(n)
    crossing = {"run": np.full(n, 380000), "luminosity_block": 1 + rows // 900, "orbit": rows // 7, "bx": rows % 3564}
    return replace(events, crossing=crossing)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return written(tmp_path / "events.h5", many(2600))


def written(path: Path, events: Events) -> Path:
    with EventWriter(path, events.schema, process="toy", provenance={}) as writer:
        writer.append(events)
    return path


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crossing_source, "_CHUNK", 500)


@pytest.mark.parametrize("threads", [1, 3])
def test_scores_and_bits_are_those_of_all_crossings_at_once(
    axo: PortableNetwork, menu: Menu, source: Path, tmp_path: Path, threads: int
) -> None:
    output = tmp_path / "out.h5"
    assert emulate_files(Emulation({"axo": axo}, menu), [CrossingSource(source)], output, threads=threads) == 2600
    header, found = read_decisions(output)
    events = many(2600)
    scores = axo.emulator.predict(events.features())
    expected = decide(menu, Columns.of_events(events), {"axo": scores})
    assert (header.menu, header.algorithms, header.networks) == ("toy", expected.names, {"axo": axo.digest})
    assert header.sources[0]["file"] == "events.h5"
    np.testing.assert_array_equal(found.scores["axo"], scores)
    assert found.scores["axo"].dtype == np.int32
    assert found.initial is not None
    np.testing.assert_array_equal(found.initial, expected.before_bx_mask_and_prescale)
    np.testing.assert_array_equal(found.final, expected.final)
    np.testing.assert_array_equal(found.final_or, expected.final_or)
    assert 0 < found.final.sum() < found.initial.sum()
    for ours, theirs in (("bx", "bx"), ("orbit", "orbit"), ("run", "run"), ("lumi", "luminosity_block")):
        np.testing.assert_array_equal(found.identity[ours], events.crossing[theirs])
    np.testing.assert_array_equal(found.identity["event"], events.event)
    assert not part_path(output).exists()


@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_that_cannot_be_resumed_writes_the_same(
    axo: PortableNetwork, menu: Menu, source: Path, tmp_path: Path, threads: int
) -> None:
    for name in ("yes", "no"):
        emulate_files(
            Emulation({"axo": axo}, menu), [CrossingSource(source)], tmp_path / name, threads=threads, resumable=name == "yes"
        )
    (header, batch), (found_header, found) = read_decisions(tmp_path / "yes"), read_decisions(tmp_path / "no")
    assert found_header == header
    for name, column in batch.columns.items():
        np.testing.assert_array_equal(found.columns[name], column)


def test_prescales_go_on_from_file_to_file(axo: PortableNetwork, menu: Menu, source: Path, tmp_path: Path) -> None:
    events = many(2600)
    pieces = [written(tmp_path / f"{n}.h5", events.select(rows)) for n, rows in enumerate((slice(0, 700), slice(700, None)))]
    for name, paths in (("whole", [source]), ("parts", pieces)):
        emulate_files(Emulation({"axo": axo}, menu), [CrossingSource(path) for path in paths], tmp_path / f"{name}.out")
    whole, parts = (read_decisions(tmp_path / f"{name}.out")[1] for name in ("whole", "parts"))
    np.testing.assert_array_equal(whole.final, parts.final)
    np.testing.assert_array_equal(whole.scores["axo"], parts.scores["axo"])


class Stopper:
    """Notes what is announced, and is Ctrl-C after some batches."""

    def __init__(self, after: int = 1000) -> None:
        self.left, self.totals = after, list[int | None]()

    def start(self, task: str, total: int | None = None) -> None:
        self.totals.append(total)

    def advance(self, n: int = 1) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt

    def finish(self) -> None:
        pass


def test_other_bindings_are_not_gone_on_with(axo: PortableNetwork, source: Path, tmp_path: Path) -> None:
    output, inputs = tmp_path / "out.h5", NetworkInputs.of_level1()

    def bound(inputs: NetworkInputs = inputs, labels: tuple[str, ...] = ()) -> Emulation:
        return Emulation({"axo": BoundNetwork(axo.emulator, axo.digest, inputs, labels)})

    with pytest.raises(KeyboardInterrupt):
        emulate_files(bound(), [CrossingSource(source)], output, progress=Stopper(3))
    for other in (bound(replace(inputs, pt="half")), bound(labels=("score",)), bound(replace(inputs, muon_phi="stations"))):
        with pytest.raises(DataError, match=r"out.h5.part was begun with axo bound otherwise .* delete it to begin anew"):
            emulate_files(other, [CrossingSource(source)], output)
    assert emulate_files(bound(), [CrossingSource(source)], output) == 2600
    assert not part_path(output).exists()


def test_progress_knows_where_it_ends(axo: PortableNetwork, menu: Menu, source: Path, tmp_path: Path) -> None:
    vectors, packed = tmp_path / "v_2024.txt", tmp_path / "v_2024.txt.gz"
    write_vectors(vectors, random_crossings(np.random.default_rng(1), 3564))
    packed.write_bytes(gzip.compress(vectors.read_bytes()))
    events, lines = [CrossingSource(source), CrossingSource(source, start=100, stop=150)], CrossingSource(vectors)
    assert [item.n_crossings for item in (*events, lines)] == [2600, 50, 3564]
    assert total_crossings([lines, CrossingSource(packed)]) is None  # nobody knows before it is unpacked
    stopper = Stopper()
    emulate_files(Emulation({"axo": axo}), events, tmp_path / "out.h5", progress=stopper)
    assert stopper.totals == [2650]


def killed(axo: PortableNetwork, menu: Menu, source: Path, tmp_path: Path, left: int) -> subprocess.CompletedProcess[str]:
    axo.save(tmp_path / "axo.h5")
    write_toml_menu(tmp_path / "menu.toml", menu)
    paths = [str(tmp_path / "axo.h5"), str(tmp_path / "menu.toml"), str(source), str(tmp_path / "out.h5")]
    command = [sys.executable, str(ROOT / "tests" / "emulation_killed.py"), *paths, str(left)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_a_killed_run_is_gone_on_from(axo: PortableNetwork, menu: Menu, source: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.h5"
    assert killed(axo, menu, source, tmp_path, 1200).returncode == -signal.SIGKILL
    assert not output.exists()
    with pytest.raises(DataError, match="unfinished"):
        DecisionFile(part_path(output))
    told: list[int] = []
    emulation, sources = Emulation({"axo": axo}, menu), [CrossingSource(source)]
    emulate_files(emulation, sources, output, progress=Told(told))
    assert told == [1500, 500, 500, 100]
    emulate_files(emulation, sources, tmp_path / "at_once.h5")
    again, once = read_decisions(output), read_decisions(tmp_path / "at_once.h5")
    assert again[0] == once[0]
    for name, column in once[1].columns.items():
        np.testing.assert_array_equal(again[1].columns[name], column)


class Told:
    """Progress that keeps what it is told."""

    def __init__(self, told: list[int]) -> None:
        self._told = told

    def start(self, task: str, total: int | None = None) -> None: ...

    def advance(self, n: int = 1) -> None:
        self._told.append(n)

    def finish(self) -> None: ...


def test_without_space_finished_batches_are_kept(axo: PortableNetwork, menu: Menu, source: Path, tmp_path: Path) -> None:
    emulate_files(Emulation({"axo": axo}, menu), [CrossingSource(source)], tmp_path / "whole.h5")
    result = killed(axo, menu, source, tmp_path, -int(0.8 * (tmp_path / "whole.h5").stat().st_size))
    assert "no space left while writing" in result.stderr, result.stderr
    assert not (tmp_path / "out.h5").exists()
    told: list[int] = []
    emulate_files(Emulation({"axo": axo}, menu), [CrossingSource(source)], tmp_path / "out.h5", progress=Told(told))
    assert told[0] > 0
    scores = axo.emulator.predict(many(2600).features())
    np.testing.assert_array_equal(read_decisions(tmp_path / "out.h5")[1].scores["axo"], scores)


def test_the_beginning_of_another_emulation_is_refused(axo: PortableNetwork, menu: Menu, source: Path, tmp_path: Path) -> None:
    assert killed(axo, menu, source, tmp_path, 1200).returncode == -signal.SIGKILL
    with pytest.raises(DataError, match="beginning of another emulation"):
        emulate_files(Emulation({"axo": axo}), [CrossingSource(source)], tmp_path / "out.h5")


def test_networks_alone_write_scores_alone(axo: PortableNetwork, source: Path, tmp_path: Path) -> None:
    kernel = np.zeros((57, 3), np.int64)
    kernel[[3, 4, 5], [0, 1, 2]] = (1, 2**40, -1)
    network = Network(axo.network.input_formats, (Dense(kernel, 0, np.zeros(3, np.int64), 0),))
    golden = GoldenWords(np.zeros((1, 57), np.int32), np.zeros((1, 3), np.int64))
    wide = PortableNetwork("wide", axo.schema_digest, axo.features, network, "three", ("a", "b", "c"), golden)
    emulate_files(Emulation({"axo": axo, "wide": wide}), [CrossingSource(source)], tmp_path / "out.h5", threads=2)
    header, found = read_decisions(tmp_path / "out.h5")
    features = many(2600).features()
    assert (header.menu, header.algorithms, found.initial, found.final_or) == ("", (), None, None)
    np.testing.assert_array_equal(found.scores["axo"], axo.emulator.predict(features))
    np.testing.assert_array_equal(found.scores["wide"], features[:, 3:6] * np.array([1, 2**40, -1]))
    assert found.scores["wide"].dtype == np.int64
    assert sum(len(batch.scores["axo"]) for batch in iterate_decisions(tmp_path / "out.h5", 700)) == 2600


def test_vectors_keep_bx_and_orbit(axo: PortableNetwork, menu: Menu, tmp_path: Path, rng: np.random.Generator) -> None:
    crossings = random_crossings(rng, 2 * 3564)
    path = tmp_path / "TestVector_2024.txt"
    write_vectors(path, crossings)
    emulate_files(Emulation({"axo": axo}, menu), [CrossingSource(path)], tmp_path / "out.h5")
    _, found = read_decisions(tmp_path / "out.h5")
    np.testing.assert_array_equal(found.identity["bx"], crossings.bx)
    np.testing.assert_array_equal(found.identity["orbit"], np.repeat([0, 1], 3564))
    expected = decide(menu, Columns.of_crossings(crossings), {"axo": found.scores["axo"]})
    np.testing.assert_array_equal(found.final, expected.final)


def test_a_file_that_grows_while_it_is_read(axo: PortableNetwork, source: Path, tmp_path: Path) -> None:
    given = CrossingSource(source)
    batches = given.batches()
    next(batches)
    with source.open("ab") as file:
        file.write(b"more")
    with pytest.raises(DataError, match="changes while it is read"):
        list(batches)


def test_crossings_of_another_schema(axo: PortableNetwork, source: Path, tmp_path: Path) -> None:
    other = replace(axo, schema_digest="0" * 64)
    with pytest.raises(SchemaError, match="'axo' was trained on events of schema 00000000, these crossings are schema"):
        emulate_files(Emulation({"axo": other}), [CrossingSource(source)], tmp_path / "out.h5")


def test_thresholds_of_another_model(axo: PortableNetwork, menu: Menu) -> None:
    with pytest.raises(ConfigError, match="the thresholds on 'axo' belong to model abababababab"):
        Emulation({"axo": axo}, replace(menu, networks={"axo": "ab" * 32}))


def test_words_beyond_their_width(axo: PortableNetwork, source: Path, tmp_path: Path) -> None:
    narrow = replace(axo.network, input_formats=(FixedPoint(3, 3, signed=False), *axo.network.input_formats[1:]))
    golden = GoldenWords(np.zeros((1, 57), np.int32), axo.emulator.predict(np.zeros((1, 57), np.int32)))
    with pytest.raises(DataError, match=r"input 0 of crossing \d+ is .* outside 0\.\.7"):
        emulate_files(
            Emulation({"axo": replace(axo, network=narrow, golden=golden)}), [CrossingSource(source)], tmp_path / "o.h5"
        )


def test_numbers_that_do_not_fit_into_their_columns(axo: PortableNetwork, tmp_path: Path) -> None:
    events = many(10)
    path = written(tmp_path / "bad.h5", replace(events, crossing={"orbit": np.arange(10) - 1}))
    with pytest.raises(DataError, match="orbit goes from -1 to 8"):
        emulate_files(Emulation({"axo": axo}), [CrossingSource(path)], tmp_path / "out.h5")


def test_files_with_other_columns_do_not_go_together(axo: PortableNetwork, source: Path, tmp_path: Path) -> None:
    bare = written(tmp_path / "bare.h5", replace(many(10), crossing={}))
    with pytest.raises(SchemaError, match="not all crossings have the columns bx, lumi, orbit, run"):
        emulate_files(Emulation({"axo": axo}), [CrossingSource(source), CrossingSource(bare)], tmp_path / "out.h5")


def test_a_name_that_is_no_column_is_refused(axo: PortableNetwork) -> None:
    with pytest.raises(ConfigError, match="called 'a/b', which cannot be the name of a column"):
        Emulation({"a/b": axo})


def test_nothing_to_do_is_refused(axo: PortableNetwork, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing to emulate"):
        Emulation({})
    with pytest.raises(ConfigError, match="0 files"):
        emulate_files(Emulation({"axo": axo}), [], tmp_path / "out.h5")
    empty = written(tmp_path / "empty.h5", many(1).select(slice(0, 0)))
    with pytest.raises(DataError, match=r"there is no crossing in empty\.h5"):
        emulate_files(Emulation({"axo": axo}), [CrossingSource(empty)], tmp_path / "out.h5")


@pytest.mark.parametrize("name", ["scores/axo", "final_or", "decisions/final", "scores"])
def test_what_the_header_promises_must_be_there(
    axo: PortableNetwork, menu: Menu, source: Path, tmp_path: Path, name: str
) -> None:
    emulate_files(Emulation({"axo": axo}, menu), [CrossingSource(source)], tmp_path / "out.h5")
    with h5py.File(tmp_path / "out.h5", "r+") as file:
        del file[name]
    with pytest.raises(DataError, match="damaged at header"):
        DecisionFile(tmp_path / "out.h5")


def test_bits_must_be_as_many_as_the_algorithms(axo: PortableNetwork, menu: Menu, source: Path, tmp_path: Path) -> None:
    emulate_files(Emulation({"axo": axo}, menu), [CrossingSource(source)], tmp_path / "out.h5")
    with h5py.File(tmp_path / "out.h5", "r+") as file:
        file.attrs["algorithms"] = as_text([f"L1_{index}" for index in range(9)])
    with pytest.raises(DataError, match="damaged: decisions/initial is"):
        DecisionFile(tmp_path / "out.h5")


def test_damage_anywhere_is_refused_or_changes_nothing(
    axo: PortableNetwork, menu: Menu, source: Path, tmp_path: Path, rng: np.random.Generator
) -> None:
    path = tmp_path / "out.h5"
    emulate_files(Emulation({"axo": axo}, menu), [CrossingSource(source)], path)
    content, (header, expected) = path.read_bytes(), read_decisions(path)
    refused = 0
    for _ in range(150):
        broken = bytearray(content)
        broken[rng.integers(len(broken))] ^= 1 << rng.integers(8)
        path.write_bytes(broken)
        try:
            found = read_decisions(path)
        except (DataError, SchemaError):
            refused += 1
        else:
            assert found[0] == header
            assert found[1].columns.keys() == expected.columns.keys()
            assert all((found[1].columns[name] == column).all() for name, column in expected.columns.items())
    assert refused > 50


@pytest.mark.parametrize("content", [b"", b"\x89HDF\r\n\x1a\n", b"text"])
def test_what_is_no_decision_file(tmp_path: Path, source: Path, content: bytes) -> None:
    (tmp_path / "out.h5").write_bytes(content)
    with pytest.raises(DataError, match="damaged at header"):
        DecisionFile(tmp_path / "out.h5")
    with pytest.raises(SchemaError, match="no l1ml-decisions file"):
        DecisionFile(source)
    with pytest.raises(DataError, match="l1ml emulate"):
        DecisionFile(tmp_path / "none.h5")
