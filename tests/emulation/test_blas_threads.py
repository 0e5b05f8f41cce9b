from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Barrier, Thread

import numpy as np
import pytest

from l1ml.emulation import blas_threads
from l1ml.emulation.blas_threads import one_blas_thread


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch, n: int) -> Iterator[list[int]]:
    """A BLAS of `n` threads that is none."""
    threads = [n]
    monkeypatch.setattr(blas_threads, "_openblas", lambda: (lambda: threads[0], lambda new: threads.__setitem__(0, new)))
    yield threads


def test_the_blas_of_numpy_is_found_and_left_as_it_was() -> None:
    functions = blas_threads._openblas()
    if functions is None:
        pytest.skip("numpy has another BLAS than OpenBLAS")
    before = functions[0]()
    with one_blas_thread():
        assert functions[0]() == 1
        assert (np.ones((300, 300), np.float32) @ np.ones((300, 300), np.float32) == 300).all()
    assert functions[0]() == before


def test_the_last_to_leave_gives_the_threads_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with counted(monkeypatch, 8) as threads:
        inside, leave = Barrier(3), Barrier(2)

        def ask(first: bool) -> None:
            with one_blas_thread():
                inside.wait()
                if not first:
                    leave.wait()

        workers = [Thread(target=ask, args=(first,)) for first in (True, False)]
        for worker in workers:
            worker.start()
        inside.wait()
        workers[0].join()
        assert threads == [1]
        leave.wait()
        workers[1].join()
        assert threads == [8]


def test_without_openblas_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas_threads, "_openblas", lambda: None)
    with one_blas_thread():
        pass
