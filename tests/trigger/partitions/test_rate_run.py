from __future__ import annotations

import gzip
import multiprocessing
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from dask_toy import Cluster, Killer
from partition_toy import files_of, source_of

from l1ml.data.jobs.workers import Workers
from l1ml.errors import DataError, ToolNotFoundError
from l1ml.progress import SILENT
from l1ml.trigger.partitions.partition import partitions_of
from l1ml.trigger.partitions.rate_job import RateJob
from l1ml.trigger.partitions.rate_question import RateQuestion
from l1ml.trigger.partitions.rate_run import RateAnswer, rates_of_files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rates")


@pytest.fixture(scope="module")
def files(folder: Path) -> list[Path]:
    return files_of(folder)


@pytest.fixture(scope="module")
def question(folder: Path) -> RateQuestion:
    return RateQuestion.of(source_of(folder), pairs="overlap")


@pytest.fixture(scope="module")
def whole(question: RateQuestion, files: list[Path], folder: Path) -> RateAnswer:
    return rates_of_files(question, files, folder / "whole", crossings=10**6)


def content(answer: RateAnswer) -> tuple:
    """All numbers, to be compared to the last bit."""
    assert answer.costs is not None
    assert answer.table.overlap is not None
    return answer.cost.crossings, answer.table.to_dict(), answer.costs.to_dict(), answer.table.overlap.to_dict()


def parts(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.h5")}


class Interrupter:
    """A listener that gives up after some jobs."""

    def __init__(self, after: int) -> None:
        self.left = after

    def start(self, task: str, total: int | None = None) -> None:
        pass

    def advance(self, n: int = 1) -> None:
        self.left -= n
        if not self.left:
            raise KeyboardInterrupt

    def finish(self) -> None:
        pass


def test_the_whole_sample_is_there(whole: RateAnswer) -> None:
    assert whole.cost.crossings == 3 * 3564 + 400
    assert whole.is_complete
    assert whole.partitions == 2
    assert list(whole.table.unsupported) == ["L1_4"]
    assert all(row.alone.n_events > 100 for row in whole.table.rows)


@pytest.mark.parametrize("crossings", [1, 50, 130])
def test_any_partition_gives_the_same_bits(
    question: RateQuestion, files: list[Path], whole: RateAnswer, tmp_path: Path, crossings: int
) -> None:
    answer = rates_of_files(question, files, tmp_path, crossings=crossings)
    assert answer.partitions > 3
    assert content(answer) == content(whole)


def test_the_order_of_files_changes_nothing(question: RateQuestion, files: list[Path], whole: RateAnswer, tmp_path: Path) -> None:
    assert content(rates_of_files(question, files[::-1], tmp_path)) == content(whole)


def test_a_packed_file_is_one_partition_with_the_same_rates(
    question: RateQuestion, files: list[Path], whole: RateAnswer, tmp_path: Path
) -> None:
    packed = tmp_path / "orbits_2024.txt.gz"
    packed.write_bytes(gzip.compress(files[0].read_bytes(), 1))
    answer = rates_of_files(question, [packed, files[1]], tmp_path / "parts", crossings=300)
    assert [part.start for part in partitions_of([packed], 1)] == [0]
    assert content(answer) == content(whole)


def test_two_processes_of_which_one_is_killed_give_the_same_bits(
    question: RateQuestion, files: list[Path], whole: RateAnswer, tmp_path: Path
) -> None:
    killer = Killer(lambda: [child.pid for child in multiprocessing.active_children() if child.pid], after=2)
    answer = rates_of_files(question, files, tmp_path, workers=2, crossings=40, progress=killer)
    assert killer.killed
    assert killer.done == answer.partitions > 8
    assert content(answer) == content(whole)


def test_a_cluster_that_loses_a_worker_gives_the_same_bits(
    question: RateQuestion, files: list[Path], whole: RateAnswer, tmp_path: Path, cluster: Cluster
) -> None:
    killer, before = Killer(cluster.pids, after=2), cluster.pids()
    answer = rates_of_files(question, files, tmp_path, scheduler=cluster.address, crossings=40, progress=killer)
    assert killer.killed in before
    assert killer.killed not in cluster.pids()
    assert content(answer) == content(whole)


def test_a_run_that_was_stopped_can_be_read_and_goes_on(
    question: RateQuestion, files: list[Path], whole: RateAnswer, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        rates_of_files(question, files, tmp_path, crossings=100, progress=Interrupter(3))
    kept = parts(tmp_path)
    partial = rates_of_files(question, files, tmp_path, crossings=100, partial=True)
    assert partial.finished == len(kept) == 3
    assert not partial.is_complete
    assert 3564 < partial.cost.crossings < whole.cost.crossings
    assert parts(tmp_path) == kept
    assert content(rates_of_files(question, files, tmp_path, crossings=100)) == content(whole)
    assert parts(tmp_path).items() > kept.items()


def test_a_damaged_part_is_made_again(question: RateQuestion, files: list[Path], whole: RateAnswer, tmp_path: Path) -> None:
    rates_of_files(question, files, tmp_path)
    damaged = next(tmp_path.glob("events*.h5"))
    damaged.write_bytes(damaged.read_bytes()[:1000])
    assert content(rates_of_files(question, files, tmp_path)) == content(whole)


def test_parts_of_another_menu_or_file_are_not_taken(
    question: RateQuestion, files: list[Path], folder: Path, tmp_path: Path
) -> None:
    rates_of_files(question, files, tmp_path)
    other = RateQuestion.of(replace(question.source, columns=("B", "A")), pairs="overlap")
    with pytest.raises(DataError, match="no finished partition of these files"):
        rates_of_files(other, files, tmp_path, partial=True)
    copy = tmp_path / "orbits_2024.txt"
    text = files[0].read_bytes()
    copy.write_bytes(text[: len(text) // 3])
    with pytest.raises(DataError, match="no finished partition"):
        rates_of_files(question, [copy], tmp_path, partial=True)


def test_a_fault_names_file_and_range_and_the_rest_is_kept(question: RateQuestion, files: list[Path], tmp_path: Path) -> None:
    bad = tmp_path / "bad_2024.txt"
    lines = files[0].read_bytes().splitlines(keepends=True)
    lines[2 * 3564 + 7] = lines[2 * 3564 + 7].replace(b" ", b"_", 1)
    bad.write_bytes(b"".join(lines))
    with pytest.raises(DataError, match=r"bad_2024.txt, crossings from 7128 to the end: .* line 7136"):
        rates_of_files(question, [files[1], bad], tmp_path / "parts", crossings=7128)
    assert len(parts(tmp_path / "parts")) == 2


def test_a_file_that_grows_is_refused(question: RateQuestion, files: list[Path], tmp_path: Path) -> None:
    copy = tmp_path / "orbits_2024.txt"
    shutil.copy(files[0], copy)

    class Grower(Interrupter):
        def advance(self, n: int = 1) -> None:
            with copy.open("ab") as stream:
                stream.write(files[0].read_bytes())

    with pytest.raises(DataError, match=r"orbits_2024.txt has changed since the run began"):
        rates_of_files(question, [files[1], copy], tmp_path / "parts", progress=Grower(1))


def test_a_menu_that_changes_is_refused(files: list[Path], tmp_path: Path) -> None:
    asked = RateQuestion.of(source_of(tmp_path))
    text = (tmp_path / "prescales.csv").read_text()
    (tmp_path / "prescales.csv").write_text(text.replace("2.5", "3.5"))
    assert rates_of_files(asked, files, tmp_path / "own").is_complete  # of what it was when it was asked
    with (
        pytest.raises(DataError, match="have changed since the run began"),
        Workers(2) as others,  # which read it themselves
    ):
        others.run("partitions", [RateJob(asked, part, tmp_path / "parts") for part in partitions_of(files, 4000)], SILENT)


def test_a_cluster_that_is_not_there(question: RateQuestion, files: list[Path], tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("l1ml.data.jobs.dask_workers._CONNECT_SECONDS", 0.5)
    with pytest.raises(ToolNotFoundError, match="no Dask scheduler answers"):
        rates_of_files(question, files, tmp_path, scheduler="tcp://127.0.0.1:9")


def test_copies_are_counted_once_in_every_partition(question: RateQuestion, files: list[Path], tmp_path: Path) -> None:
    answer = rates_of_files(question, files[1:], tmp_path, crossings=20)
    row = answer.table["L1_1"]
    assert row.alone.n_groups < row.alone.n_events
    assert np.isfinite(row.alone.error_khz)
