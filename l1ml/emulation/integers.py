"""The network in numpy, exact by construction and fast.

Implementation notes
--------------------
All words are small integers, so a float type carries them exactly as long as no partial sum leaves its mantissa: 24 bits in
float32, 53 in float64. The ranges of `Network.stages` prove which type is enough, and matrix products then run in BLAS. Beyond
53 bits everything is int64. In the float types rounding is ``rint`` (to even), ``floor`` or ``floor(x + 1/2)`` of an exactly
scaled number; formats with other modes go through `FixedPoint.requantize`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from l1ml.emulation.emulator import check_words, score_words
from l1ml.emulation.integer_steps import Array, Carrier, Step, step_of
from l1ml.model.network import Network

__all__ = ["Carrier", "IntegerEmulator"]

_MANTISSA: dict[Carrier, int] = {"float32": 24, "float64": 53}
_MOST_CROSSINGS = 8192
_MOST_WORDS = 2**19
"""Words of the widest stage that are computed at once: 2 MB of float32, which a core's cache holds."""


class IntegerEmulator:
    """Score words of a `Network`, by numpy alone.

    Parameters
    ----------
    network : Network
        Integer network of a trigger model.

    Attributes
    ----------
    carrier : {"float32", "float64", "int64"}
        Type that carries every word and partial sum without rounding, proven from the formats.
    """

    name = "integers"

    def __init__(self, network: Network) -> None:
        self.input_formats, self.output_format = tuple(network.input_formats), network.output_format
        self.n_outputs = network.n_outputs
        self.carrier = _carrier_of(network)
        self._steps = tuple(_steps(network, self.carrier))
        widest = max(len(stage.low) for stage in network.stages)
        self._chunk = max(min(_MOST_CROSSINGS, _MOST_WORDS // widest), 1)

    def predict(self, words: NDArray[np.integer]) -> NDArray[np.int64]:
        """Score words, shape (n,) or (n, n_outputs), of input `words`, shape (n, n_features).

        Raises
        ------
        DataError
            If a word is outside its declared width.
        """
        check_words(words, self.input_formats)
        scores = np.empty((len(words), self.n_outputs), np.int64)
        for start in range(0, len(words), self._chunk):
            scores[start : start + self._chunk] = self._run(words[start : start + self._chunk].astype(self.carrier))
        return score_words(scores)

    def trace(self, words: NDArray[np.integer]) -> list[NDArray[np.int64]]:
        """Words of every stage of `Network.stages`, each of shape (n, n_words), of input `words`, shape (n, n_features).

        Raises
        ------
        DataError
            If a word is outside its declared width.
        """
        check_words(words, self.input_formats)
        stages: list[Array] = [words.astype(self.carrier)]
        for step, sources, _ in self._steps:
            stages.append(step(*(stages[source] for source in sources)))
        return [stage.astype(np.int64) for stage in stages]

    def _run(self, values: Array) -> Array:
        """Words after the last operation; those that nothing reads any more are let go, so that all fit into the cache."""
        stages = {0: values}
        for index, (step, sources, finished) in enumerate(self._steps, start=1):
            result = step(*(stages[source] for source in sources))
            for source in finished:
                del stages[source]
            stages[index] = result
        return stages[len(self._steps)]


def _steps(network: Network, carrier: Carrier) -> Iterator[tuple[Step, tuple[int, ...], set[int]]]:
    """For each operation its function, the stages that it reads, and those of them that nothing after it reads."""
    for index, node in enumerate(network.nodes):
        later = {source for other in network.nodes[index + 1 :] for source in other.sources}
        step = step_of(node.operation, tuple(network.stages[source] for source in node.sources), carrier)
        yield step, node.sources, set(node.sources) - later


def _carrier_of(network: Network) -> Carrier:
    """Fastest type whose mantissa holds every word, every partial sum and every half of `network`."""
    stages = network.stages
    # a quantiser's output is narrower than what it reads, but a shift to a finer grid inside it is not: both ends count
    magnitude = max(stage.peak for stage in stages)
    for node in network.nodes:
        magnitude = max(magnitude, node.operation.peak(*(stages[index] for index in node.sources)))
    for carrier, bits in _MANTISSA.items():
        # one bit is kept for the half that rounding adds
        if magnitude < 2.0 ** (bits - 1):
            return carrier
    return "int64"
