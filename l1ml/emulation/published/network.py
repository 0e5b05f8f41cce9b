"""A network from elsewhere as an emulator."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from l1ml.conversion.project import BUILD_FOLDER
from l1ml.emulation.emulator import check_words
from l1ml.emulation.published.library import build_published
from l1ml.emulation.published.library_port import LibraryPort
from l1ml.emulation.published.sources import find_sources
from l1ml.emulation.published.weights import check_weights
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint

__all__ = ["PublishedNetwork"]

_N_CHECKED = 16


class PublishedNetwork:
    """Score words of a network that another group published as C++ of hls4ml, by that C++ itself.

    Two forms are known. A plain project has ``<name>.h`` and ``<name>.cpp`` with a function ``<name>`` from arrays to arrays.
    An emulator, as CMS publishes its own, adds a source with ``create_model``: a class that prepares the inputs before that
    function and reduces its outputs after it. Formats and counts come from the C++ types by way of the compiler, weights from
    the values in headers. Any number of networks and versions run side by side, whatever names they share.

    Parameters
    ----------
    folder : Path
        What was published; nothing but `build_folder` is written to.
    build_folder : Path, optional
        Where the library is kept, under a name with the digest of all that it is made of; by default ``build/`` in `folder`.
    top : str, optional
        Name of the top function, if `folder` has several.
    emulator : str, optional
        Path, from `folder`, of the source with ``create_model``, if it has several.
    output : int, optional
        Which output word is the score. Needed if the network has several; an emulator whose result is a pair of what the
        network gives and one number that is cut on has named it, and so has a network with one output.
    includes : sequence of Path, optional
        Further folders to find headers in, such as the ``nnet_utils`` that a project was published without.

    Raises
    ------
    DataError
        If a folder is missing.
    ConversionError
        If there is no network or more than one, g++ refuses it, its score is not named, a weight table is empty or short of
        values, its ports have no format, or its answer depends on the crossings before.
    ToolNotFoundError
        If g++ or hls4ml, whose number types are used where none were published, is not there.

    Notes
    -----
    `predict` gives one score a crossing, as every `Emulator` does; `outputs` gives all words that the network gives. The
    emulator interface is that of cms-hls4ml/hls4mlEmulatorExtras.
    """

    n_outputs = 1
    """The score alone; `outputs` has the others."""

    def __init__(
        self,
        folder: Path,
        *,
        build_folder: Path | None = None,
        top: str | None = None,
        emulator: str | None = None,
        output: int | None = None,
        includes: Sequence[Path] = (),
    ) -> None:
        sources = find_sources(folder, top, emulator, includes)
        self.name = sources.name
        self.digest = sources.digest
        library = build_published(sources, folder / BUILD_FOLDER if build_folder is None else build_folder)
        self._port = LibraryPort(library)
        check_weights(sources, self._port)
        self.input_formats: tuple[FixedPoint, ...] = self._port.input_formats
        self.output_formats: tuple[FixedPoint, ...] = self._port.output_formats
        self._score = self._chosen(output)
        self.output_format = self.output_formats[self._score]
        self._check_memory()

    def predict(self, words: NDArray[np.integer]) -> NDArray[np.int64]:
        """Score words, shape (n,), of input `words`, shape (n, n_inputs).

        Raises
        ------
        DataError
            If a word is outside its declared width.
        """
        return np.ascontiguousarray(self.outputs(words)[:, self._score])

    def outputs(self, words: NDArray[np.integer]) -> NDArray[np.int64]:
        """All output words, shape (n, n_outputs), of input `words`, shape (n, n_inputs), by all cores.

        Raises
        ------
        DataError
            If a word is outside its declared width.
        """
        check_words(words, self.input_formats)
        return self._port.run(words, os.cpu_count() or 1)

    def _chosen(self, output: int | None) -> int:
        """Index of the score, as asked for or as the sources say."""
        n_outputs = len(self.output_formats)
        found = self._port.score if output is None else output
        if found is None or not 0 <= found < n_outputs:
            msg = f"{self.name} has {n_outputs} outputs, received output={output}; say which is the score: 0 to {n_outputs - 1}"
            raise ConversionError(msg)
        return found

    def _check_memory(self) -> None:
        """Refuse a network whose words depend on the crossing before, or on what lies behind its inputs."""
        source = np.random.default_rng(0)
        words = np.stack(
            [source.integers(item.min_word, item.max_word, _N_CHECKED, endpoint=True) for item in self.input_formats], 1
        )
        forward = self._port.run(words, 1)
        if not np.array_equal(forward, self._port.run(words[::-1], 1)[::-1]):
            msg = f"{self.name} gives other words for the same crossings in another order: it keeps a state between them"
            raise ConversionError(msg)
        if not np.array_equal(forward, self._port.run(words, 1, beyond=-1)):
            msg = f"the emulator class of {self.name} reads more than the {len(self.input_formats)} inputs of its network"
            raise ConversionError(msg)
