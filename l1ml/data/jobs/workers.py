"""Jobs that each leave one file, on one or several processes; stopped cleanly, resumed where they stopped."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib import import_module
from multiprocessing.connection import wait as wait_for_handles
from multiprocessing.synchronize import Event
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from l1ml.errors import DataError
from l1ml.progress import Progress

__all__ = ["Job", "Workers", "is_whole", "told", "waiting_jobs"]


def is_whole(path: Path, read: Callable[[Path], object]) -> bool:
    """Whether `path` is there and `read` accepts it; a damaged file is removed, so that it is made again."""
    if not path.is_file():
        return False
    try:
        read(path)
    except DataError:
        path.unlink()
        return False
    return True


class Job(Protocol):
    """Work whose only result is the file `path`."""

    @property
    def path(self) -> Path:
        """File that the job makes."""

    @property
    def units(self) -> int:
        """Weight of the job in the progress bar."""

    def is_done(self) -> bool:
        """Whether the file is there and whole."""

    def run(self, check: Callable[[], None]) -> None:
        """Make the file; call `check` often, it raises when the work should stop."""


_ATTEMPTS = 3
"""Times that processes are started anew after one of them was killed."""


class _StoppedError(Exception):
    """Raised inside a worker whose parent wants to end."""


_stop: Event | None = None


def _begin(stop: Event) -> None:
    """Set a worker up: it can be asked to stop, and does not outlive its parent."""
    global _stop  # noqa: PLW0603 - an initializer can hand over its argument in no other way
    _stop = stop
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    """End this process at once when the process behind `sentinel` is gone."""
    wait_for_handles([sentinel])
    os._exit(1)


def _check() -> None:
    """Raise if the parent asked to stop."""
    if _stop is not None and _stop.is_set():
        raise _StoppedError


def _run(job: Job) -> None:
    """Run `job` in a worker."""
    _check()
    job.run(_check)


_TUNABLES = "GLIBC_TUNABLES"
_MEMORY = "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=268435456"
"""Buffers of a few MB come and go: in huge pages, where a kernel gives them on demand, and kept instead of given back and asked
for again, which costs clearing them. Of the 390 ns of a crossing in a small network the first saved 10, the second 25. Other C
libraries do not look at it."""


@contextmanager
def _spawning() -> Iterator[None]:
    """What processes inherit that are started meanwhile: Ctrl-C held back, and how memory is kept.

    Ctrl-C stays the business of the parent alone: a worker that is interrupted while it still imports would write a traceback
    over the terminal.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    chosen = _TUNABLES in os.environ
    os.environ.setdefault(_TUNABLES, _MEMORY)
    try:
        yield
    finally:
        if not chosen:
            del os.environ[_TUNABLES]
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Workers:
    """One or more processes that run jobs, as a context manager.

    Parameters
    ----------
    n : int
        Processes; 1 runs every job in the calling process. The results do not depend on it.

    Notes
    -----
    When a process is killed from outside, its job is done again by a new one; after three times the run ends. Processes are
    spawned, not forked (TensorFlow and HDF5 do not survive a fork), so a script that calls this with ``n > 1`` needs the usual
    ``if __name__ == "__main__":``.
    """

    def __init__(self, n: int) -> None:
        self._n = n
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self._n > 1:
            self._context = multiprocessing.get_context("spawn")
            self._event = self._context.Event()
            self._pool = self._new_pool()
        return self

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._n, mp_context=self._context, initializer=_begin, initargs=(self._event,))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool is not None:
            if kind is not None:
                self._event.set()
            self._pool.shutdown(wait=True, cancel_futures=True)

    def begin(self, module: str) -> None:
        """Start the processes, which import `module`, that of jobs to come, while this one prepares them."""
        if self._pool is not None:
            with _spawning():
                for _ in range(self._n):
                    self._pool.submit(import_module, module)

    def run(self, task: str, jobs: Sequence[Job], progress: Progress, finished: Callable[[Job], None] | None = None) -> None:
        """Run those of `jobs` that are not done yet; `finished` hears of each that is done, before or now, while others run.

        Raises
        ------
        DataError
            If worker processes were killed from outside three times.
        """
        progress.start(task, sum(job.units for job in jobs))
        tell = told(progress, finished)
        waiting = waiting_jobs(jobs, tell)
        if self._pool is None:
            for job in waiting:
                job.run(_check)
                tell(job)
        else:
            self._spread(self._pool, waiting, tell)
        progress.finish()

    def _spread(self, pool: ProcessPoolExecutor, jobs: Sequence[Job], tell: Callable[[Job], None]) -> None:
        """Run `jobs` on all processes, those of a killed process once more."""
        for _ in range(_ATTEMPTS):
            jobs = self._unfinished(pool, jobs, tell)
            if not jobs:
                return
            pool.shutdown(wait=True)
            pool = self._pool = self._new_pool()
        msg = "a worker process was killed from outside (out of memory?); what is finished is kept: run again"
        raise DataError(msg)

    def _unfinished(self, pool: ProcessPoolExecutor, jobs: Sequence[Job], tell: Callable[[Job], None]) -> list[Job]:
        """Run `jobs`; those that are left when a process is killed. The first error of a job ends the waiting."""
        left, pending = dict(enumerate(jobs)), {}
        try:
            with _spawning():
                pending = {pool.submit(_run, job): number for number, job in left.items()}
            while pending:
                for future in wait(pending, return_when=FIRST_COMPLETED).done:
                    future.result()
                    tell(left.pop(pending.pop(future)))
        except BrokenProcessPool:
            return waiting_jobs(left.values(), tell)
        return []


def told(progress: Progress, finished: Callable[[Job], None] | None) -> Callable[[Job], None]:
    """What to call of each job that is done."""

    def tell(job: Job) -> None:
        progress.advance(job.units)
        if finished is not None:
            finished(job)

    return tell


def waiting_jobs(jobs: Iterable[Job], tell: Callable[[Job], None]) -> list[Job]:
    """Those of `jobs` that are to be done; of the others `tell` is called."""
    waiting = []
    for job in jobs:
        if job.is_done():
            tell(job)
        else:
            waiting.append(job)
    return waiting
