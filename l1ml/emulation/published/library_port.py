"""Words through the C interface of the library of a published network."""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, ConversionError
from l1ml.hardware import FixedPoint, Overflow, Rounding

__all__ = ["LibraryPort"]

# in the order of ap_q_mode and ap_o_mode, as ap_decl.h declares them
_ROUNDING = (
    Rounding.RND,
    Rounding.RND_ZERO,
    Rounding.RND_MIN_INF,
    Rounding.RND_INF,
    Rounding.RND_CONV,
    Rounding.TRN,
    Rounding.TRN_ZERO,
)
_OVERFLOW = (Overflow.SAT, Overflow.SAT_ZERO, Overflow.SAT_SYM, Overflow.WRAP)


class LibraryPort:
    """Formats and words of a library built from the ``published_*.cpp`` benches.

    Parameters
    ----------
    library : Path
        The shared library; its names stay out of the process's own.

    Raises
    ------
    ConversionError
        If the library cannot be loaded or finds its ports unusable.
    """

    def __init__(self, library: Path) -> None:
        try:
            self._library = ctypes.CDLL(str(library), mode=ctypes.RTLD_LOCAL)
        except OSError as error:
            msg = f"{library} cannot be loaded ({error}); delete it and run again"
            raise ConversionError(msg) from error
        self._library.l1ml_message.restype = ctypes.c_char_p
        self._path = library
        counts = np.zeros(3, np.int64)
        self._call("l1ml_counts", counts)
        n_inputs, n_outputs, score = (int(count) for count in counts)
        rows = np.zeros((n_inputs + n_outputs, 5), np.int64)
        self._call("l1ml_formats", rows)
        formats = tuple(self._format(row.tolist()) for row in rows)
        self.input_formats, self.output_formats = formats[:n_inputs], formats[n_inputs:]
        self.score = None if score < 0 else score

    def run(self, words: NDArray[np.integer], n_threads: int, beyond: int = 0) -> NDArray[np.int64]:
        """All output words, shape (n, n_outputs), of `words`, shape (n, n_inputs); `beyond` lies behind the inputs in memory."""
        rows = np.ascontiguousarray(words, dtype=np.int64)
        results = np.zeros((len(rows), len(self.output_formats)), np.int64)
        self._call("l1ml_predict", rows, results, len(rows), n_threads, beyond)
        return results

    def tables(self, n_tables: int) -> NDArray[np.int64]:
        """Length and number of non-zero values of each of the `n_tables` weight tables, shape (n_tables, 2)."""
        rows = np.zeros((n_tables, 2), np.int64)
        self._call("l1ml_tables", rows)
        return rows

    def _call(self, name: str, *arguments: NDArray[np.int64] | int) -> None:
        function = self._library[name]
        function.restype = ctypes.c_int64
        given = [ctypes.c_int64(item) if isinstance(item, int) else item.ctypes.data_as(ctypes.c_void_p) for item in arguments]
        if function(*given) != 0:
            msg = f"{self._path.stem}: {self._library.l1ml_message().decode(errors='replace')}"
            raise ConversionError(msg)

    def _format(self, row: list[int]) -> FixedPoint:
        width, integer, signed, rounding, overflow = row
        if overflow >= len(_OVERFLOW):
            msg = f"{self._path.stem}: a port of {width} bits overflows with AP_WRAP_SM, which l1ml has not"
            raise ConversionError(msg)
        try:
            return FixedPoint(width, integer, bool(signed), _ROUNDING[rounding], _OVERFLOW[overflow])
        except ConfigError as error:
            msg = f"{self._path.stem} has a port that is too wide: {error}"
            raise ConversionError(msg) from error
