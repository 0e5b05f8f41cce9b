from __future__ import annotations

import multiprocessing
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from dask_toy import Cluster, Killer
from toy import toy_events
from trigger_toy import menu_with
from ugt_toy import crossing_of

from l1ml.data import EventWriter
from l1ml.data.event_layout import BLOCK_ROWS
from l1ml.data.jobs.crew import crew_of
from l1ml.data.jobs.part_files import parts_folder
from l1ml.data.ugt_vectors import Crossings, write_vectors
from l1ml.emulation.portable import read_network
from l1ml.errors import DataError
from l1ml.progress import SILENT
from l1ml.trigger import decision_writer
from l1ml.trigger.crossing_source import CrossingSource
from l1ml.trigger.decision_file import read_decisions
from l1ml.trigger.decision_writer import DecisionWriter
from l1ml.trigger.file_emulation import emulate_files
from l1ml.trigger.menus.toml_menu import write_toml_menu
from l1ml.trigger.partitions.emulation_job import EmulationJob
from l1ml.trigger.partitions.emulation_question import EmulationQuestion
from l1ml.trigger.partitions.emulation_run import emulate_partitions
from l1ml.trigger.partitions.joined_file import JoinedFile
from l1ml.trigger.partitions.partition import partitions_of

AXO = Path(__file__).parents[3] / "models" / "axo"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("emulation")


@pytest.fixture(scope="module")
def question(folder: Path) -> EmulationQuestion:
    """A network, and a menu with prescales that count in fractions, a mask, and a look at the crossing before."""
    network = read_network(AXO)
    network.save(folder / "axo.h5")
    expressions = ("MU10", "JET30", "AXO[AXO-MODEL_axo, AXO-SCORE_5]", "EG10 AND JET30")
    options = {"L1_0": {"prescale": 2.5}, "L1_1": {"prescale": 7.03}, "L1_2": {"prescale": 3}, "L1_3": {"prescale": 1.01}}
    write_toml_menu(folder / "menu.toml", menu_with(*expressions, networks={"axo": network.digest}, **options))
    return EmulationQuestion.of((folder / "axo.h5",), menu=folder / "menu.toml")


@pytest.fixture(scope="module")
def vectors(folder: Path) -> list[Path]:
    rng = np.random.default_rng(3)
    orbit = crossing_of({"muon": [{"pt": 40}], "jet": [{"pt": 120}, {"pt": 90}], "egamma": [{"pt": 40}]}, 3564)
    for words in orbit.words.values():
        words[rng.random(3564) < 0.6] = 0
    again = Crossings.from_words(orbit.era, orbit.words)
    for name, n in (("a_2024.txt", 3), ("b_2024.txt", 1)):
        write_vectors(folder / name, (again for _ in range(n)))
    return [folder / "a_2024.txt", folder / "b_2024.txt"]


@pytest.fixture(scope="module")
def events(folder: Path) -> list[Path]:
    rng = np.random.default_rng(4)
    for name, n in (("a.h5", 700), ("b.h5", 333)):
        rows = np.arange(n)
        crossing = {"run": np.full(n, 380000), "luminosity_block": 1 + rows // 90, "orbit": rows // 7, "bx": rows % 3564}
        sample = replace(toy_events(n, rng), crossing=crossing, group=(rows // 2).astype(np.uint64))
        with EventWriter(folder / name, sample.schema, process="toy", provenance={}) as writer:
            writer.append(sample)
    return [folder / "a.h5", folder / "b.h5"]


@pytest.fixture
def tall(tmp_path: Path) -> list[Path]:
    """Five chunks of crossings, the last one not full, and a few in a second file."""
    rng = np.random.default_rng(5)
    few = toy_events(1000, rng)
    for name, n in (("c.h5", 4 * BLOCK_ROWS + 777), ("d.h5", 100)):
        rows = np.arange(n)
        crossing = {"run": np.full(n, 380000), "luminosity_block": 1 + rows // 9000, "orbit": rows // 7, "bx": rows % 3564}
        sample = replace(few.select(rng.integers(1000, size=n)), crossing=crossing, event=rows.astype(np.uint64))
        with EventWriter(tmp_path / name, sample.schema, process="toy", provenance={}) as writer:
            writer.append(sample)
    return [tmp_path / "c.h5", tmp_path / "d.h5"]


def content(path: Path) -> dict[str, object]:
    """Everything that a decision file says."""
    found: dict[str, object] = {}
    with h5py.File(path, "r") as file:
        found.update({f"attribute {name}": str(value) for name, value in file.attrs.items()})
        datasets: list[str] = []
        file.visititems(lambda name, item: datasets.append(name) if isinstance(item, h5py.Dataset) else None)
        found.update({name: (str(file[name].dtype), file[name].shape, file[name][...].tobytes()) for name in datasets})
    return found


def in_one_pass(question: EmulationQuestion, files: list[Path], output: Path) -> dict[str, object]:
    emulate_files(question.tools, [CrossingSource(path) for path in files], output)
    return content(output)


@pytest.mark.parametrize("crossings", [1, 15000])
def test_vectors_in_any_parts_are_the_same_file(
    question: EmulationQuestion, vectors: list[Path], tmp_path: Path, crossings: int
) -> None:
    files = [*vectors, vectors[0]]
    assert emulate_partitions(question, files, tmp_path / "parts.h5", crossings=crossings) == 7 * 3564
    assert content(tmp_path / "parts.h5") == in_one_pass(question, files, tmp_path / "whole.h5")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["parts.h5", "whole.h5"]
    header, found = read_decisions(tmp_path / "parts.h5")
    assert header.algorithms == ("L1_0", "L1_1", "L1_2", "L1_3")
    assert found.initial is not None
    assert found.final is not None
    fired = found.initial.sum(axis=0)
    factors = np.array([250, 703, 300, 101])
    np.testing.assert_array_equal(found.final.sum(axis=0), 100 * fired // factors)
    assert (fired[[0, 1, 3]] > 100).all()


@pytest.mark.parametrize("crossings", [1, 100, 401])
def test_events_in_any_parts_are_the_same_file(
    question: EmulationQuestion, events: list[Path], tmp_path: Path, crossings: int
) -> None:
    step = crossings if crossings > 1 else 97
    emulate_partitions(question, events, tmp_path / "parts.h5", crossings=step)
    assert content(tmp_path / "parts.h5") == in_one_pass(question, events, tmp_path / "whole.h5")


def test_whole_chunks_are_copied_packed(
    question: EmulationQuestion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tall: list[Path]
) -> None:
    """Of partitions of two chunks; not those of the second file, which begins within a chunk."""
    monkeypatch.setattr(decision_writer, "_CHUNK_ROWS", BLOCK_ROWS)
    copied: list[int] = []
    real = decision_writer.append_chunks

    def counted(target: h5py.Dataset, source: h5py.Dataset) -> None:
        copied.append(len(source))
        real(target, source)

    monkeypatch.setattr(decision_writer, "append_chunks", counted)
    emulate_partitions(question, tall, tmp_path / "parts.h5", crossings=2 * BLOCK_ROWS)
    found = content(tmp_path / "parts.h5")
    n_columns = sum(isinstance(value, tuple) for value in found.values())
    assert copied == [2 * BLOCK_ROWS] * 2 * n_columns + [777] * n_columns
    assert found == in_one_pass(question, tall, tmp_path / "whole.h5")


class Diary:
    """What is finished and what is copied, in the order of time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.entries = ""
        real = DecisionWriter.append

        def append(writer: DecisionWriter, *arguments: object) -> None:
            self.entries += "c" * (writer._path.name == "whole.h5")
            real(writer, *arguments)

        monkeypatch.setattr(DecisionWriter, "append", append)

    def start(self, task: str, total: int | None = None) -> None:
        self.entries += f" {task[0]}"

    def advance(self, n: int = 1) -> None:
        self.entries += "f"

    def finish(self) -> None:
        pass


def test_files_are_copied_while_others_are_made(
    question: EmulationQuestion, events: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    diary = Diary(monkeypatch)
    emulate_partitions(EmulationQuestion.of(question.networks), events, tmp_path / "bare.h5", crossings=300, progress=diary)
    assert diary.entries == " pfcfcfcfcfc p cf"
    # every partition but the first begins with counters that are not zero
    diary.entries = ""
    emulate_partitions(question, events, tmp_path / "prescaled.h5", crossings=300, progress=diary)
    assert diary.entries == " pfcffff pffff cfcfcfcfcf"


def test_partitions_are_taken_up_in_any_order(question: EmulationQuestion, events: list[Path], tmp_path: Path) -> None:
    bare = EmulationQuestion.of(question.networks)
    jobs = [EmulationJob(bare, part, tmp_path / "parts") for part in partitions_of(events, 300, keep_copies=False)]
    for job in jobs:
        job.run(lambda: None)
    header = bare.tools.header([CrossingSource(path) for path in events])
    with JoinedFile(tmp_path / "joined.h5", jobs, header, {}) as joined:
        for index in (3, 1, 0, 4, 2):
            joined.add(jobs[index])
        assert joined.finish(SILENT) == 1033
    assert content(tmp_path / "joined.h5") == in_one_pass(bare, events, tmp_path / "whole.h5")


def test_networks_without_a_menu(question: EmulationQuestion, events: list[Path], tmp_path: Path) -> None:
    bare = EmulationQuestion.of(question.networks)
    emulate_partitions(bare, events, tmp_path / "parts.h5", crossings=300)
    assert content(tmp_path / "parts.h5") == in_one_pass(bare, events, tmp_path / "whole.h5")


def test_two_processes_of_which_one_is_killed_make_the_same_file(
    question: EmulationQuestion, events: list[Path], tmp_path: Path
) -> None:
    killer = Killer(lambda: [child.pid for child in multiprocessing.active_children() if child.pid], after=2)
    with crew_of(2) as crew:
        crew.begin("l1ml.trigger.partitions.emulation_job")
        emulate_partitions(question, events, tmp_path / "parts.h5", crew, crossings=60, progress=killer)
    assert killer.killed
    assert content(tmp_path / "parts.h5") == in_one_pass(question, events, tmp_path / "whole.h5")


def test_a_cluster_that_loses_a_worker_makes_the_same_file(
    question: EmulationQuestion, vectors: list[Path], tmp_path: Path, cluster: Cluster
) -> None:
    killer = Killer(cluster.pids, after=1)
    with crew_of(scheduler=cluster.address) as crew:
        crew.begin("l1ml.trigger.partitions.emulation_job")
        emulate_partitions(question, vectors, tmp_path / "parts.h5", crew, crossings=1, progress=killer)
    assert killer.killed not in {0, *cluster.pids()}
    assert content(tmp_path / "parts.h5") == in_one_pass(question, vectors, tmp_path / "whole.h5")


@pytest.mark.parametrize("after", [2, 8, 14])
def test_a_run_that_was_stopped_goes_on(
    question: EmulationQuestion, events: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """In the middle of the partitions, of their prescales, or while their files are put together."""
    monkeypatch.setattr("l1ml.trigger.partitions.joined_file._CHUNK", 150)

    class Interrupter:
        left = after

        def start(self, task: str, total: int | None = None) -> None:
            pass

        def advance(self, n: int = 1) -> None:
            self.left -= 1
            if not self.left:
                raise KeyboardInterrupt

        def finish(self) -> None:
            pass

    output = tmp_path / "parts.h5"
    with pytest.raises(KeyboardInterrupt):
        emulate_partitions(question, events, output, crossings=200, progress=Interrupter())
    assert len(list(parts_folder(output).glob("*.h5"))) == min(after, 11)  # 6 partitions, of which 5 begin with other counters
    assert not output.exists()
    for path in parts_folder(output).glob("*.h5"):
        assert read_decisions(path)[0].algorithms
    assert emulate_partitions(question, events, output, crossings=200) == 1033
    assert content(output) == in_one_pass(question, events, tmp_path / "whole.h5")
    assert not parts_folder(output).exists()


def test_a_fault_names_the_file_and_nothing_is_half_written(
    question: EmulationQuestion, vectors: list[Path], tmp_path: Path
) -> None:
    bad = tmp_path / "bad_2024.txt"
    lines = vectors[0].read_bytes().splitlines(keepends=True)
    lines[2 * 3564 + 7] = lines[2 * 3564 + 7].replace(b" ", b"_", 1)
    bad.write_bytes(b"".join(lines))
    with pytest.raises(DataError, match=r"bad_2024.txt, crossings from 7128 to the end: .* line 7136"):
        emulate_partitions(question, [bad], tmp_path / "out.h5", crossings=1)
    assert not (tmp_path / "out.h5").exists()
    assert len(list(parts_folder(tmp_path / "out.h5").iterdir())) == 1


def test_a_network_that_changes_is_refused(question: EmulationQuestion, events: list[Path], tmp_path: Path) -> None:
    other = replace(question, digest="0" * 64)
    with pytest.raises(DataError, match="have changed since the run began"):
        emulate_partitions(other, events, tmp_path / "out.h5")


def test_what_is_finished_is_bound_to_the_labels_of_outputs(tmp_path: Path) -> None:
    digests = set()
    for labels in ("", 'labels = ["anomaly"]', 'labels = ["other"]'):
        table = tmp_path / "networks.toml"
        table.write_text(f'[axo]\nmodel = "{AXO}"\n{labels}\n')
        digests.add(EmulationQuestion.of((), table).digest)
    assert len(digests) == 3
