from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest
from note_job import Note

from l1ml.data.jobs.workers import Workers
from l1ml.errors import DataError, StorageError
from l1ml.progress import SILENT


class Counter:
    def __init__(self) -> None:
        self.events: list[tuple[str, int | None]] = []

    def start(self, task: str, total: int | None = None) -> None:
        self.events.append((task, total))

    def advance(self, n: int = 1) -> None:
        self.events.append(("advance", n))

    def finish(self) -> None:
        self.events.append(("finish", None))


@pytest.mark.parametrize("workers", [1, 2])
def test_every_job_runs_once_and_is_counted(tmp_path: Path, workers: int) -> None:
    jobs = [Note(tmp_path / str(k)) for k in range(4)]
    jobs[1].path.write_text("kept")
    progress = Counter()
    with Workers(workers) as crew:
        crew.run("notes", jobs, progress)
    pids = {job.path.read_text() for job in jobs} - {"kept"}
    assert jobs[1].path.read_text() == "kept"
    assert (str(os.getpid()) in pids) == (workers == 1)
    assert progress.events == [("notes", 12), *[("advance", 3)] * 4, ("finish", None)]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_job_arrives_as_it_is(tmp_path: Path, workers: int) -> None:
    with pytest.raises(StorageError, match="no space left"), Workers(workers) as crew:
        crew.run("notes", [Note(tmp_path / "a", "error"), Note(tmp_path / "b")], SILENT)


def test_a_killed_worker_is_reported_in_words(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"killed from outside .* run again"), Workers(2) as crew:
        crew.run("notes", [Note(tmp_path / "a", "kill")], SILENT)


def test_the_job_of_a_killed_worker_is_done_again(tmp_path: Path) -> None:
    jobs = [Note(tmp_path / "a", "kill once"), *(Note(tmp_path / str(k), "slow") for k in range(4))]
    progress = Counter()
    with Workers(2) as crew:
        crew.run("notes", jobs, progress)
    assert all(job.path.is_file() for job in jobs)
    assert progress.events == [("notes", 15), *[("advance", 3)] * 5, ("finish", None)]


@pytest.mark.parametrize("own", [None, "glibc.malloc.arena_max=2"])
def test_workers_keep_their_memory_unless_somebody_chose_otherwise(
    own: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    if own is not None:
        monkeypatch.setenv("GLIBC_TUNABLES", own)
    jobs = [Note(tmp_path / str(k), "$GLIBC_TUNABLES") for k in range(2)]
    with Workers(2) as crew:
        crew.run("notes", jobs, SILENT)
    found = {job.path.read_text() for job in jobs}
    assert found == {own} if own else all("trim_threshold" in text for text in found)
    assert os.environ.get("GLIBC_TUNABLES") == own


@pytest.mark.parametrize("workers", [1, 2])
def test_processes_can_be_started_before_there_are_jobs(tmp_path: Path, workers: int) -> None:
    with Workers(workers) as crew:
        crew.begin("note_job")
        children = {child.pid for child in multiprocessing.active_children()}
        assert (len(children) >= workers) == (workers > 1)
        jobs = [Note(tmp_path / str(k), "slow") for k in range(4)]
        crew.run("notes", jobs, SILENT)
        assert {child.pid for child in multiprocessing.active_children()} == children
    assert all(job.path.is_file() for job in jobs)


def test_a_module_that_cannot_be_imported_is_the_business_of_its_jobs(tmp_path: Path) -> None:
    with Workers(2) as crew:
        crew.begin("note_jobs")
        crew.run("notes", [Note(tmp_path / "a")], SILENT)
    assert (tmp_path / "a").is_file()
