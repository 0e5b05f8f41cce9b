"""The C++ that software frameworks load, as an emulator."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.conversion.project import CPP, project_files, read_manifest
from l1ml.emulation.emulator import check_words, score_words
from l1ml.emulation.shared_library import Unit, build_library, library_path, workspace
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint
from l1ml.storage import digest_of

__all__ = ["CppEmulator"]

_ENTRY = "l1ml_network_v1"
_VERSION = 1
_OUT_OF_RANGE = 1
_LEAST_CROSSINGS = 1024
"""Crossings below which a second thread costs more than it saves."""


class _Place(ctypes.Structure):
    """``l1ml_place_v1`` of l1ml_network.h."""

    _fields_ = (("crossing", ctypes.c_int64), ("input", ctypes.c_int64))


_PREDICT = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.POINTER(_Place))


class _Table(ctypes.Structure):
    """``l1ml_network_table_v1`` of l1ml_network.h."""

    _fields_ = (
        ("version", ctypes.c_uint32),
        ("size", ctypes.c_uint32),
        ("n_inputs", ctypes.c_int64),
        ("n_outputs", ctypes.c_int64),
        ("stack_bytes", ctypes.c_int64),
        ("name", ctypes.c_char_p),
        ("digest", ctypes.c_char_p),
        ("description", ctypes.c_char_p),
        ("create", ctypes.CFUNCTYPE(ctypes.c_void_p)),
        ("predict", ctypes.CFUNCTYPE(ctypes.c_int32, *_PREDICT)),
        ("destroy", ctypes.CFUNCTYPE(None, ctypes.c_void_p)),
    )


class CppEmulator:
    """Score words of a written C++ project, through its C interface, as a framework gets them.

    The library is built in the project's ``build/`` folder when it is not there yet, or when a source or an option has changed.

    Parameters
    ----------
    project : Path
        Folder of a project that `l1ml.conversion.cpp.cpp_project` made.
    options : sequence of str
        Of the compiler. The words depend on none of them.
    n_threads : int, optional
        Threads that share the network; as many as there are cores by default.
    mode : int
        How the library is loaded; ``ctypes.RTLD_GLOBAL`` gives its symbols to the whole process.

    Raises
    ------
    ToolNotFoundError
        If g++ is not on PATH, naming the verb that works without it.
    DataError
        If the folder is no C++ project.
    ConversionError
        If g++ refuses the sources, or the library is that of another model.
    """

    name = "cpp"

    def __init__(
        self,
        project: Path,
        *,
        options: Sequence[str] = ("-O3",),
        n_threads: int | None = None,
        mode: int = ctypes.RTLD_LOCAL,
    ) -> None:
        manifest = read_manifest(project, CPP)
        self.input_formats = tuple(FixedPoint.parse(word["format"]) for word in manifest["input"]["words"])
        self.output_format = FixedPoint.parse(manifest["output"]["format"])
        self.n_outputs = int(manifest["output"]["n_words"])
        self.digest = str(manifest["model"]["digest"])
        self.n_threads = n_threads or os.cpu_count() or 1
        library = _library(project.resolve(), manifest, tuple(options))
        self._table = _table(library, mode)
        found = self._table.version, self._table.digest.decode(), self._table.n_inputs, self._table.n_outputs
        if found != (_VERSION, self.digest, len(self.input_formats), self.n_outputs):
            msg = f"{library} has (version, digest, inputs, outputs) = {found}, the manifest has {self.digest[:8]}; delete it"
            raise ConversionError(msg)

    def predict(self, words: NDArray[np.integer]) -> NDArray[np.int64]:
        """Score words, shape (n,) or (n, n_outputs), of input `words`, shape (n, n_features).

        Raises
        ------
        DataError
            If a word is outside its declared width.
        """
        # words of 32 bits are checked where they are read; others may not even fit there
        check_words(words if not np.can_cast(words.dtype, np.int32) else words[:0], self.input_formats)
        rows = np.ascontiguousarray(words, dtype=np.int32)
        scores = np.empty((len(rows), self.n_outputs), np.int64)
        network = self._table.create()
        if network is None:
            msg = "no memory for a network; nothing was computed"
            raise ConversionError(msg)
        try:
            codes = self._share(network, rows, scores)
        finally:
            self._table.destroy(network)
        if _OUT_OF_RANGE in codes:
            check_words(rows, self.input_formats)
        if any(codes):
            msg = f"{self._table.name.decode()} returned {codes} for words that are in range; see l1ml_network.h"
            raise ConversionError(msg)
        return score_words(scores)

    def _share(self, network: int, rows: NDArray[np.int32], scores: NDArray[np.int64]) -> list[int]:
        """Crossings in equal parts, each by a thread of its own; what each of them returned."""
        n_parts = max(min(self.n_threads, len(rows) // _LEAST_CROSSINGS), 1)
        edges = np.linspace(0, len(rows), n_parts + 1).astype(int).tolist()

        def part(first: int, last: int) -> int:
            words, results = rows[first:last], scores[first:last]
            return int(self._table.predict(network, words.ctypes.data, last - first, results.ctypes.data, None))

        if n_parts == 1:
            return [part(0, len(rows))]
        with ThreadPoolExecutor(n_parts) as pool:
            return list(pool.map(part, edges[:-1], edges[1:]))


def _library(project: Path, manifest: Mapping[str, Any], options: tuple[str, ...]) -> Path:
    """The shared library of `project`, built if need be."""
    sources = {str(path): digest_of(content) for path, content in project_files(project).items() if path.suffix in (".cpp", ".h")}
    library = library_path(project, "cpp", {"options": " ".join(options), **sources})
    if not library.is_file():
        with workspace(library) as folder:
            unit = Unit(project / str(manifest["source"]), ("-fvisibility=hidden", *options))
            build_library([unit], library, folder, options)
    return library


def _table(library: Path, mode: int) -> Any:
    """What the library offers.

    Raises
    ------
    ConversionError
        If it cannot be loaded.
    """
    try:
        entry = ctypes.CDLL(str(library), mode=mode)[_ENTRY]
    except (OSError, AttributeError) as error:
        msg = f"{library} cannot be loaded ({error}); delete it and run again"
        raise ConversionError(msg) from error
    entry.restype = ctypes.POINTER(_Table)
    return entry().contents
