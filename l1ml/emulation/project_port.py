"""Words through the ports of a compiled project, checked on both sides."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.emulation.emulator import check_words, score_words
from l1ml.errors import BitMismatchError, ConversionError
from l1ml.hardware import FixedPoint

__all__ = ["ProjectPort"]

_UNSET = np.int64(-(2**63))
"""No port is 64 bits wide and negative enough to give this: a score that still holds it was never written."""

_REGISTER = FixedPoint(62, 62)
"""Bits as the library hands them over; reading them as words of the port extends their sign."""

_WORDS = np.ctypeslib.ndpointer(np.int64, flags="C_CONTIGUOUS")


class ProjectPort:
    """Input and output words of the library built from a project.

    Parameters
    ----------
    library : Path
        Shared library with the C interface of the benches.
    manifest : mapping
        Manifest of the project.

    Raises
    ------
    ConversionError
        If the library was built for other ports than the manifest says.
    """

    def __init__(self, library: Path, manifest: Mapping[str, Any]) -> None:
        self.input_formats = tuple(FixedPoint.parse(word["format"]) for word in manifest["input"]["words"])
        self.output_format = FixedPoint.parse(manifest["output"]["format"])
        self.n_outputs = int(manifest["output"]["n_words"])
        self._port_format = FixedPoint.parse(manifest["output"]["port_format"])
        self._library = ctypes.CDLL(str(library))
        self._check(library)

    def _check(self, library: Path) -> None:
        found = []
        for name in ("l1ml_inputs", "l1ml_outputs", "l1ml_output_bits"):
            function = self._library[name]
            function.restype = ctypes.c_int64
            found.append(int(function()))
        expected = [len(self.input_formats), self.n_outputs, self._port_format.width]
        if found != expected:
            msg = f"{library} has (inputs, outputs, bits) = {found}, the manifest says {expected}; delete it and run again"
            raise ConversionError(msg)

    def predict(self, words: NDArray[np.integer], *options: int) -> NDArray[np.int64]:
        """Score words, shape (n,) or (n, n_outputs), of checked input `words`, by all cores; `options` go to the C function.

        Raises
        ------
        DataError
            If a word is outside its declared width.
        BitMismatchError
            If a score does not fit into the format that the model declares.
        """
        return score_words(self._call("l1ml_predict", words, os.cpu_count() or 1, *options))

    def record(self, words: NDArray[np.integer]) -> NDArray[np.int64]:
        """Output words after each clock cycle, shape (n_cycles, n_outputs), with one row of `words` per cycle; RTL only."""
        return self._call("l1ml_record", words)

    def _call(self, name: str, words: NDArray[np.integer], *options: int) -> NDArray[np.int64]:
        check_words(words, self.input_formats)
        rows = np.ascontiguousarray(words, dtype=np.int64)
        bits = np.full((len(rows), self.n_outputs), _UNSET, dtype=np.int64)
        function = self._library[name]
        function.restype = None
        function.argtypes = [_WORDS, _WORDS, ctypes.c_int64, *(ctypes.c_int64 for _ in options)]
        function(rows, bits, len(rows), *options)
        if np.any(bits == _UNSET):
            msg = f"{name} left {int(np.sum(bits == _UNSET))} of {bits.size} scores unwritten; delete build/ and run again"
            raise ConversionError(msg)
        return self._scores(bits)

    def _scores(self, bits: NDArray[np.int64]) -> NDArray[np.int64]:
        """Bits of the port as words of the declared output format."""
        width, signed = self._port_format.width, self._port_format.signed
        words = FixedPoint(width, width, signed).requantize(bits, _REGISTER)
        scores = self.output_format.requantize(words, self._port_format)
        exact = self._port_format.requantize(scores, self.output_format) == words
        if not exact.all():
            row, output = (int(index[0]) for index in np.nonzero(~exact))
            given = f"the port gives {int(words[row, output])} in {self._port_format}"
            msg = f"crossing {row}: {given}, no word of {self.output_format}"
            raise BitMismatchError(msg)
        return scores
