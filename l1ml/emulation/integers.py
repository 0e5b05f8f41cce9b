"""The network in numpy, exact by construction and fast.

Implementation notes
--------------------
All words are small integers, so a float type carries them exactly as long as no partial sum leaves its mantissa, and matrix
products then run in BLAS: `l1ml.emulation.carriers` proves the type of each operation. Crossings are computed in chunks that fit
into the cache of a core; threads take chunk after chunk, each with one thread of BLAS, so that memory does not grow with the
number of crossings and words do not depend on the number of threads.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from l1ml.emulation.blas_threads import one_blas_thread
from l1ml.emulation.carriers import Carrier, Proof
from l1ml.emulation.emulator import WordLimits, score_words
from l1ml.emulation.integer_steps import Array
from l1ml.emulation.program import Program
from l1ml.errors import ConfigError
from l1ml.model.network import Network

__all__ = ["IntegerEmulator"]

_MOST_CROSSINGS = 16384
_CHUNK_BYTES = 2**22
"""Of the widest stage, where threads share the interpreter: operations on less are so short that they mostly wait for it, 6.9
instead of 9.5 million crossings/s of a 57-32-16-8 network by two threads on two cores."""
_LONE_CHUNK_BYTES = 2**20
"""The same for one thread alone: what a level-2 cache holds, 7 % faster."""


class IntegerEmulator:
    """Score words of a `Network`, by numpy alone.

    Parameters
    ----------
    network : Network
        Integer network of a trigger model.
    threads : int
        Threads that share the crossings of a call.
    name : str
        What comparisons call it.

    Attributes
    ----------
    proofs : tuple of Proof
        Type that carries each operation without rounding, proven from the formats.

    Raises
    ------
    ConversionError
        If no type can be proven to carry an operation.
    ConfigError
        If `threads` is less than 1.
    """

    def __init__(self, network: Network, threads: int = 1, name: str = "integers") -> None:
        if threads < 1:
            msg = f"threads must be at least 1, received {threads}"
            raise ConfigError(msg)
        self.input_formats, self.output_format = tuple(network.input_formats), network.output_format
        self.n_outputs = network.n_outputs
        self.name, self.threads = name, threads
        self._limits = WordLimits(self.input_formats)
        self._program = Program(network)
        sizes = [np.dtype(proof.carrier).itemsize * proof.n_words for proof in self.proofs]
        widest = max([4 * len(self.input_formats), *sizes])
        self._chunk, self._lone_chunk = (
            max(min(_MOST_CROSSINGS, most // widest), 1) for most in (_CHUNK_BYTES, _LONE_CHUNK_BYTES)
        )

    @property
    def proofs(self) -> tuple[Proof, ...]:
        """Type that carries each operation, and why."""
        return self._program.proofs

    def predict(self, words: NDArray[np.integer]) -> NDArray[np.int64]:
        """Score words, shape (n,) or (n, n_outputs), of input `words`, shape (n, n_features).

        Raises
        ------
        DataError
            If a word is outside its declared width.
        """
        self._limits.check_shape(words)

        def compute(rows: slice) -> Array:
            self._limits.check_range(words[rows], rows.start)
            return self._program(words[rows])

        return self._in_chunks(len(words), compute, self._chunk)

    def predict_checked(self, n: int, words_of: Callable[[slice, Carrier], Array], *, alone: bool = False) -> NDArray[np.int64]:
        """As `predict`, of `n` crossings whose words were compared with `input_formats` before.

        Parameters
        ----------
        n : int
            Crossings.
        words_of : callable
            Makes a new array (rows, n_features) of the words of the crossings of a slice, in the type that it is given. The
            network works in its place: the words are laid out once, in the cache, in the type of the first operation.
        alone : bool
            Whether no other thread of this process computes meanwhile; words do not depend on it.
        """
        carrier = self._program.input_carrier
        chunk = self._lone_chunk if alone and self.threads == 1 else self._chunk
        return self._in_chunks(n, lambda rows: self._program(words_of(rows, carrier), keep=False), chunk)

    def _in_chunks(self, n: int, scores_of: Callable[[slice], Array], chunk: int) -> NDArray[np.int64]:
        """Score words of `n` crossings, `chunk` at a time."""
        scores = np.empty((n, self.n_outputs), np.int64)
        starts = range(0, n, chunk)

        def compute(start: int) -> None:
            rows = slice(start, min(start + chunk, n))
            scores[rows] = scores_of(rows)

        with one_blas_thread():
            if self.threads == 1 or len(starts) < 2:
                for start in starts:
                    compute(start)
            else:
                with ThreadPoolExecutor(self.threads) as pool:
                    list(pool.map(compute, starts))
        return score_words(scores)
