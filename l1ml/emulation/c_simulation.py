"""C simulation: the C++ of an HLS project, compiled and run as the vendor's tool would."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.conversion.hls_backends import HLS_BACKENDS, HlsBackend, find_hls_backend
from l1ml.conversion.project import project_files, read_manifest
from l1ml.emulation.project_port import ProjectPort
from l1ml.emulation.shared_library import Unit, bench_source, build_library, library_path, workspace
from l1ml.errors import ToolNotFoundError
from l1ml.storage import digest_of

__all__ = ["CSimulation"]

_OPTIMISE = "-O2"


class CSimulation:
    """Score words of a written HLS project, by its own C++ and its own ``ap_fixed`` or ``ac_fixed`` headers.

    The library is built in the project's ``build/`` folder when it is not there yet, or when a source has changed. Arrays are
    scored by all cores; streams by one, because what is between two functions may be static. Kernels of oneAPI run with a
    stand-in for SYCL's pipes and tasks and with hls4ml's copy of ``ac_fixed``: Intel's compiler and its own take no part. Those
    of Libero run with a stand-in for SmartHLS's headers, which lies in the project: ``ap_fixed`` under the name of Microchip's
    ``hls::ap_fixpt``, whose own code takes no part.

    Parameters
    ----------
    project : Path
        Folder of the project.

    Raises
    ------
    ToolNotFoundError
        If g++ is not on PATH, naming the verb that works without it.
    DataError
        If the folder is no HLS project.
    ConversionError
        If g++ refuses the sources.
    """

    name = "c_simulation"

    def __init__(self, project: Path) -> None:
        manifest = read_manifest(project, *HLS_BACKENDS)
        self._port = ProjectPort(_library(project.resolve(), manifest), manifest)
        self.input_formats, self.output_format = self._port.input_formats, self._port.output_format
        self.n_outputs = self._port.n_outputs

    def predict(self, words: NDArray[np.integer]) -> NDArray[np.int64]:
        """Score words, shape (n,) or (n, n_outputs), of input `words`, shape (n, n_features).

        Raises
        ------
        DataError
            If a word is outside its declared width.
        BitMismatchError
            If a score does not fit into the output format that the model declares.
        """
        return self._port.predict(words)


def _library(project: Path, manifest: Mapping[str, Any]) -> Path:
    """The shared library of `project`, built if need be."""
    backend = find_hls_backend(str(manifest["backend"]))
    top = str(manifest["top"])
    bench = bench_source("c_bench.cpp")
    root = PurePosixPath(backend.sources)
    sources = {str(path): digest_of(content) for path, content in project_files(project).items() if root in path.parents}
    library = library_path(project, "c_simulation", {"bench": bench, **sources})
    if library.is_file():
        return library
    folders = [project / root, *(project / folder for folder in backend.headers), *_missing_headers(backend)]
    flags = (_OPTIMISE, *(f"-I{folder}" for folder in folders))
    with workspace(library) as folder:
        (folder / "c_bench.cpp").write_text(bench, encoding="utf-8")
        kernel = _plain_kernel(project / root, top, folder) if backend.name == "oneapi" else project / root / f"{top}.cpp"
        units = [Unit(kernel, flags), Unit(folder / "c_bench.cpp", (*flags, *_names(backend, manifest)))]
        build_library(units, library, folder)
    return library


def _plain_kernel(sources: Path, top: str, folder: Path) -> Path:
    """A copy in `folder` whose weights are constants at run time: only Intel's own numbers are constants for the compiler."""
    (folder / "weights").mkdir()
    for path in sorted((sources / "weights").glob("*.h")):
        text = path.read_text(encoding="utf-8").replace("static constexpr", "static const")
        (folder / "weights" / path.name).write_text(text, encoding="utf-8")
    return Path(shutil.copy(sources / f"{top}.cpp", folder))


def _names(backend: HlsBackend, manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Definitions that the bench needs."""
    top = str(manifest["top"])
    sizes = f"-DL1ML_INPUTS={len(manifest['input']['words'])}", f"-DL1ML_OUTPUTS={manifest['output']['n_words']}"
    if backend.name != "oneapi":
        return f'-DL1ML_HEADER="{top}.h"', f"-DL1ML_TOP={top}", *sizes
    pipes = f"{manifest['input']['port']},{manifest['output']['port']}"
    return f'-DL1ML_HEADER="{top}.h"', f"-DL1ML_TOP={manifest['kernel']}", *sizes, f"-DL1ML_PIPES={pipes}"


def _missing_headers(backend: HlsBackend) -> list[Path]:
    """Folders of headers that a project for oneAPI leaves to Intel's compiler.

    Its pipes and tasks are played by a stand-in of ours, its number types are those that hls4ml has for Catapult: both are the
    Algorithmic C types, but Intel's own copy of them is not what is run here.

    Raises
    ------
    ToolNotFoundError
        If hls4ml is not installed.
    """
    if backend.name != "oneapi":
        return []
    spec = find_spec("hls4ml")
    if spec is None or spec.origin is None:
        msg = "the number types of oneAPI come from hls4ml here; install it with: python -m pip install 'l1ml[convert]'"
        raise ToolNotFoundError(msg)
    stand_in = Path(str(files("l1ml.emulation") / "benches" / "sycl_stand_in"))
    return [stand_in, Path(spec.origin).parent / "templates" / "catapult" / "ac_types" / "include"]
