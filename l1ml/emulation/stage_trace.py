"""Words of every stage of a network, for those who look inside; the emulator keeps none of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.emulation.integer_steps import step_of
from l1ml.model.network import Network

__all__ = ["StageTrace"]


class StageTrace:
    """What each operation of `network` reads and gives, in int64, which carries whatever a network has."""

    def __init__(self, network: Network) -> None:
        self._steps = [
            (step_of(node.operation, tuple(network.stages[source] for source in node.sources), "int64"), node.sources)
            for node in network.nodes
        ]

    def __call__(self, words: NDArray[np.integer]) -> list[NDArray[np.int64]]:
        """Words of every stage of `Network.stages`, each of shape (n, n_words), of input `words`, shape (n, n_features)."""
        stages = [words.astype(np.int64)]
        for step, sources in self._steps:
            # copies, because some steps write where they read
            stages.append(step(*(stages[source].copy() for source in sources)))
        return stages
