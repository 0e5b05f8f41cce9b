"""Jobs on an existing Dask cluster: those of `l1ml.data.jobs.workers`, the same files."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from l1ml._optional import require
from l1ml.data.jobs.workers import Job, told, waiting_jobs
from l1ml.errors import DataError, L1mlError, ToolNotFoundError
from l1ml.progress import Progress

__all__ = ["DaskWorkers"]

_CONNECT_SECONDS, _WORKER_SECONDS, _VISIBLE_SECONDS = 10.0, 60.0, 30.0
"""How long to wait for a scheduler, for its first worker, and for a finished file to be seen here (network file systems)."""

_RETRIES = 2
"""Times that a job is tried anew after an error that is not one of l1ml; Dask itself redoes those of lost workers."""

_CHECK_SECONDS = 1.0

_PACKAGES = ("l1ml", "numpy", "h5py", "awkward", "pythia8mc", "fastjet")
"""What decides the content of a file: client and workers must have the same versions of it."""

_one_job = threading.Lock()
"""FastJet's banner is muted process-wide and HDF5 has one lock: a worker with many threads does one job at a time."""


class _StoppedError(Exception):
    """Raised inside a job whose client wants to end."""


class DaskWorkers:
    """The workers of a Dask cluster that already runs, as a context manager; see `l1ml.data.jobs.workers.Workers`.

    Parameters
    ----------
    address : str
        Of the scheduler, for instance ``tcp://10.0.0.1:8786``.

    Raises
    ------
    ToolNotFoundError
        On entering, if dask.distributed is not installed, no scheduler answers, or it has no workers.

    Notes
    -----
    Client and workers see the files under the same absolute path: a file system that they share. Every job writes one file under
    a temporary name and renames it, so it does not matter which worker made it, nor how often one was killed before: Dask gives
    the jobs of a lost worker to others (``distributed.scheduler.allowed-failures``, three times, then the run ends). Workers of
    one thread each use the machines best. Ctrl-C cancels what waits and stops what runs within seconds; what is finished is kept.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._stop = f"l1ml-stop-{uuid.uuid4().hex}"
        self._futures: list[Any] = []
        self._log = logging.getLogger("distributed.client")

    def __enter__(self) -> Self:
        self._distributed = require("distributed")
        self._level = self._log.level
        self._log.setLevel(logging.CRITICAL)  # a lost scheduler is an error here; its tracebacks say nothing more
        try:
            self._client = self._connected()
        except BaseException:
            self._log.setLevel(self._level)
            raise
        return self

    def _connected(self) -> Any:
        """A client whose scheduler has workers."""
        try:
            client = self._distributed.Client(self._address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            msg = f"no Dask scheduler answers at {self._address!r} ({_first_line(error)}); start one: dask scheduler, dask worker"
            raise ToolNotFoundError(msg) from error
        try:
            client.wait_for_workers(1, timeout=_WORKER_SECONDS)
        except TimeoutError as error:
            client.close()
            msg = f"the Dask scheduler {self._address} has no workers; start some: dask worker {self._address} --nthreads 1"
            raise ToolNotFoundError(msg) from error
        return client

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is not None and self._client.status == "running":
                self._distributed.Event(self._stop, client=self._client).set()
                self._client.cancel(self._futures, force=True)
        finally:
            self._client.close()
            self._log.setLevel(self._level)

    def begin(self, module: str) -> None:
        """The workers of a cluster are there already; see `l1ml.data.jobs.workers.Workers.begin`."""

    def run(self, task: str, jobs: Sequence[Job], progress: Progress, finished: Callable[[Job], None] | None = None) -> None:
        """Run those of `jobs` that are not done yet; `finished` hears of each that is done, before or now, while others run.

        Raises
        ------
        DataError
            If a job lost its worker too often, if the scheduler is gone, or if a finished file cannot be seen here.
        """
        progress.start(task, sum(job.units for job in jobs))
        tell = told(progress, finished)
        waiting = waiting_jobs(jobs, tell)
        versions, run = _versions(), uuid.uuid4().hex
        named = {f"l1ml-{run}-{number}": job for number, job in enumerate(waiting)}
        self._futures = [
            self._client.submit(_perform, job, versions, self._stop, key=key, pure=False, retries=_RETRIES)
            for key, job in named.items()
        ]
        for future in self._distributed.as_completed(self._futures, loop=self._client.loop, raise_errors=False):
            job = named[future.key]
            self._finish(future, job)
            tell(job)
        self._futures = []
        progress.finish()

    def _finish(self, future: Any, job: Job) -> None:
        """Pass on what became of a job."""
        if future.status == "cancelled":
            msg = f"the Dask scheduler {self._address} is gone; what is finished is kept: run again"
            raise DataError(msg)
        error = future.exception() if future.status == "error" else future.result()
        if isinstance(error, self._distributed.scheduler.KilledWorker):
            msg = f"workers that made {job.path.name} were killed too often (out of memory?); what is finished is kept: run again"
            raise DataError(msg) from error
        if error is not None:
            raise error
        _await(job.path)


def _await(path: Path) -> None:
    """Wait until a file that a worker has finished is seen here."""
    until = time.monotonic() + _VISIBLE_SECONDS
    while not path.is_file():
        if time.monotonic() > until:
            msg = f"a worker finished {path}, which is not seen here: client and workers need a file system that they share"
            raise DataError(msg)
        time.sleep(0.2)
        list(path.parent.iterdir() if path.parent.is_dir() else ())  # network file systems remember that a file was absent


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _versions() -> dict[str, str]:
    """Versions of the packages that decide what a file holds; a package that is absent has none."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


def _perform(job: Job, versions: dict[str, str], stop: str) -> Exception | None:
    """Run `job` on a worker. An error of l1ml is handed back as a value, because trying again would not mend it."""
    here = _versions()
    if here != versions:
        differ = ", ".join(f"{name} {here[name]} instead of {versions[name]}" for name in here if here[name] != versions[name])
        return DataError(f"a Dask worker has {differ}: files would differ; install the same versions everywhere")
    with _one_job:
        try:
            if not job.is_done():
                job.run(_check_of(stop))
        except (_StoppedError, L1mlError) as error:
            return error
    return None


def _check_of(stop: str) -> Callable[[], None]:
    """What a job calls often: it asks the scheduler, once a second at most, whether the client wants to end."""
    event = require("distributed").Event(stop)
    last = 0.0

    def check() -> None:
        nonlocal last
        if time.monotonic() - last > _CHECK_SECONDS:
            last = time.monotonic()
            if event.is_set():
                raise _StoppedError

    return check
