"""C simulation: the C++ of an HLS project, compiled and run as the vendor's tool would."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.conversion.project import project_files, read_manifest
from l1ml.emulation.project_port import ProjectPort
from l1ml.emulation.shared_library import Unit, bench_source, build_library, library_path, workspace
from l1ml.storage import digest_of

__all__ = ["CSimulation"]

_OPTIMISE = "-O2"


class CSimulation:
    """Score words of a written ``vitis`` project, by its own C++ and its own ``ap_fixed`` headers.

    The library is built in the project's ``build/`` folder when it is not there yet, or when a source has changed.

    Parameters
    ----------
    project : Path
        Folder of the project.

    Raises
    ------
    ToolNotFoundError
        If g++ is not on PATH, naming the verb that works without it.
    DataError
        If the folder is no ``vitis`` project.
    ConversionError
        If g++ refuses the sources.
    """

    name = "c_simulation"

    def __init__(self, project: Path) -> None:
        manifest = read_manifest(project, "vitis")
        library = _library(project.resolve(), manifest)
        self._port = ProjectPort(library, manifest)
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
    top, bench = str(manifest["top"]), bench_source("c_bench.cpp")
    sources = {str(path): digest_of(content) for path, content in project_files(project).items() if path.parts[0] == "firmware"}
    library = library_path(project, "c_simulation", {"bench": bench, **sources})
    if library.is_file():
        return library
    firmware = project / "firmware"
    flags = (_OPTIMISE, f"-I{firmware}", f"-I{firmware / 'ap_types'}")
    sizes = {"INPUTS": len(manifest["input"]["words"]), "OUTPUTS": manifest["output"]["n_words"]}
    names = (f'-DL1ML_HEADER="{top}.h"', f"-DL1ML_TOP={top}", *(f"-DL1ML_{name}={size}" for name, size in sizes.items()))
    with workspace(library) as folder:
        (folder / "c_bench.cpp").write_text(bench, encoding="utf-8")
        build_library([Unit(firmware / f"{top}.cpp", flags), Unit(folder / "c_bench.cpp", flags + names)], library, folder)
    return library
