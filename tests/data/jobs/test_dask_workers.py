from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from dask_toy import Cluster, Killer
from file_contents import contents
from note_job import Note

from l1ml.data import Events, EventWriter
from l1ml.data.generation.jet_samples.class_jet_jobs import generate_jets
from l1ml.data.generation.jet_samples.class_jets import ClassJetsConfig
from l1ml.data.jobs.conversion_jobs import convert_files
from l1ml.data.jobs.crew import crew_of
from l1ml.errors import ConfigError, DataError, StorageError, ToolNotFoundError
from l1ml.progress import SILENT

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    made = Cluster()
    yield made
    made.close()


def digests(jobs: list[Note]) -> list[str]:
    return [hashlib.sha256(job.path.read_bytes()).hexdigest() for job in jobs]


def test_jobs_of_a_killed_worker_are_done_again_and_the_files_are_the_same(tmp_path: Path, cluster: Cluster) -> None:
    with crew_of(1) as crew:
        here = [Note(tmp_path / f"here-{k}", "slow") for k in range(2)]
        crew.run("notes", here, SILENT)
    jobs = [Note(tmp_path / f"{k}", "slow") for k in range(12)]
    killer = Killer(cluster.pids, after=3)
    before = cluster.pids()
    with crew_of(scheduler=cluster.address) as crew:
        crew.run("notes", jobs, killer)
    assert len(before) == 2
    assert killer.done == len(jobs)
    assert killer.killed in before
    assert killer.killed not in cluster.pids()
    assert set(digests(jobs)) == set(digests(here))


def test_jobs_that_are_done_are_not_done_again(tmp_path: Path, cluster: Cluster) -> None:
    jobs = [Note(tmp_path / str(k)) for k in range(4)]
    jobs[1].path.write_text("kept")
    with crew_of(scheduler=cluster.address) as crew:
        crew.run("notes", jobs, SILENT)
    assert jobs[1].path.read_text() == "kept"
    assert {int(job.path.read_text()) for job in jobs if job is not jobs[1]} <= set(cluster.pids())


def test_an_error_of_a_job_arrives_as_it_is(tmp_path: Path, cluster: Cluster) -> None:
    with pytest.raises(StorageError, match="no space left"), crew_of(scheduler=cluster.address) as crew:
        crew.run("notes", [Note(tmp_path / "a", "error"), Note(tmp_path / "b")], SILENT)


def test_ctrl_c_cancels_what_waits_and_stops_what_runs(tmp_path: Path, cluster: Cluster) -> None:
    class Interrupter:
        def start(self, task: str, total: int | None = None) -> None:
            pass

        def advance(self, n: int = 1) -> None:
            raise KeyboardInterrupt

        finish = start  # type: ignore[assignment]

    jobs = [Note(tmp_path / "quick"), *(Note(tmp_path / str(k), "endless") for k in range(4))]
    with pytest.raises(KeyboardInterrupt), crew_of(scheduler=cluster.address) as crew:
        crew.run("notes", jobs, Interrupter())
    again = [Note(tmp_path / f"after-{k}") for k in range(2)]
    began = time.monotonic()
    with crew_of(scheduler=cluster.address) as crew:
        crew.run("notes", again, SILENT)
    assert time.monotonic() - began < 20
    assert not any(job.path.exists() for job in jobs[1:])


def test_real_generation_with_a_worker_killed_in_the_middle_makes_the_same_file(tmp_path: Path, cluster: Cluster) -> None:
    config = ClassJetsConfig(jets=4, seed=8)
    killer = Killer(cluster.pids, after=2)
    here, there = (
        generate_jets(config, tmp_path / "here.h5"),
        generate_jets(config, tmp_path / "there.h5", scheduler=cluster.address, progress=killer),
    )
    assert killer.killed
    assert here.digest == there.digest
    assert contents(here.path) == contents(there.path)


def test_conversion_on_the_cluster(tmp_path: Path, cluster: Cluster, events: Events) -> None:
    sources = [tmp_path / f"{name}.h5" for name in ("a", "b")]
    for source in sources:
        with EventWriter(source, events.schema, process=source.stem, provenance={}) as writer:
            writer.append(events)
    here = convert_files(sources, tmp_path / "here")
    there = convert_files(sources, tmp_path / "there", scheduler=cluster.address)
    assert [path.name for path in there] == ["a.h5", "b.h5"]
    assert [contents(path) for path in here] == [contents(path) for path in there]


def test_a_job_that_kills_every_worker_ends_the_run(tmp_path: Path, cluster: Cluster) -> None:
    with pytest.raises(DataError, match=r"killed too often"), crew_of(scheduler=cluster.address) as crew:
        crew.run("notes", [Note(tmp_path / "a", "kill")], SILENT)


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("l1ml.data.jobs.dask_workers._CONNECT_SECONDS", 0.5)
    with (
        pytest.raises(ToolNotFoundError, match=r"no Dask scheduler answers at 'tcp://127.0.0.1:9'"),
        crew_of(1, "tcp://127.0.0.1:9"),
    ):
        pass


def test_one_worker_is_the_least() -> None:
    with pytest.raises(ConfigError, match="workers must be 1 or more, received 0"):
        crew_of(0)
