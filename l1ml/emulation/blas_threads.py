"""One thread for each call of BLAS: who divides crossings among threads does not want each of them to divide again."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock

__all__ = ["one_blas_thread"]

_MODULE = "numpy._core._multiarray_umath"
_NAMES = (
    "scipy_openblas_{}_num_threads64_",
    "scipy_openblas_{}_num_threads",
    "openblas_{}_num_threads64_",
    "openblas_{}_num_threads",
)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold the OpenBLAS of numpy to one thread until the last of those who ask for it at once has finished.

    With another BLAS nothing is done, which costs speed but no word.
    """
    functions = _openblas()
    if functions is None:
        yield
        return
    _HOLD.enter(*functions)
    try:
        yield
    finally:
        _HOLD.leave(functions[1])


class _Hold:
    """How many ask for one thread, and how many threads there were before the first did."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._depth = self._before = 0

    def enter(self, get: Callable[[], int], put: Callable[[int], None]) -> None:
        """One more."""
        with self._lock:
            if not self._depth:
                self._before = get()
                put(1)
            self._depth += 1

    def leave(self, put: Callable[[int], None]) -> None:
        """One less."""
        with self._lock:
            self._depth -= 1
            if not self._depth:
                put(self._before)


_HOLD = _Hold()


@cache
def _openblas() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """Functions that get and set the number of threads: a library finds the symbols of those that it is linked with."""
    try:
        library = ctypes.CDLL(str(sys.modules[_MODULE].__file__))
    except (KeyError, OSError):
        return None
    for name in _NAMES:
        try:
            get, put = library[name.format("get")], library[name.format("set")]
        except AttributeError:
            continue
        get.restype, get.argtypes, put.restype, put.argtypes = ctypes.c_int, [], None, [ctypes.c_int]
        return get, put
    return None
