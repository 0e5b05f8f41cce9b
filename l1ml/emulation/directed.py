"""Crossings that drive the words inside a network to their ends: where it saturates, and random crossings hardly ever get."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.emulation.stage_trace import StageTrace
from l1ml.model.network import Network
from l1ml.model.operations import Quantise

__all__ = ["directed_words"]

_MOST_GOALS = 512
_N_STEPS = 300
_N_CHANGED = 3
"""Inputs that are changed at once, on average."""


def directed_words(network: Network, rng: np.random.Generator) -> NDArray[np.int32]:
    """One crossing for each end of each word that a quantiser reads, found by climbing: what raises the word is kept.

    Where saturation is reachable this mostly gets there; that it does not is no proof that nothing does.

    Returns
    -------
    ndarray of int32, shape (n, n_features), n at most 512
    """
    stages, places, signs = _goals(network, rng)
    low, high = (np.array([getattr(item, side) for item in network.input_formats]) for side in ("min_word", "max_word"))
    trace_of, rows = StageTrace(network), np.arange(len(places))
    words = rng.integers(low, high, (len(places), len(low)), endpoint=True)
    best = np.full(len(places), np.iinfo(np.int64).min)
    for step in range(_N_STEPS):
        proposed = words if step == 0 else _changed(words, low, high, rng)
        trace = trace_of(proposed)
        reached = np.zeros(len(places), np.int64)
        for stage in np.unique(stages):
            mine = rows[stages == stage]
            reached[mine] = signs[mine] * trace[stage][mine, places[mine]]
        better = reached > best
        words, best = np.where(better[:, np.newaxis], proposed, words), np.where(better, reached, best)
    return words.astype(np.int32)


def _goals(network: Network, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Stage, place and direction of each word to be driven."""
    read = {node.sources[0] for node in network.nodes if isinstance(node.operation, Quantise)}
    goals = [
        (stage, place, sign) for stage in sorted(read) for place in range(len(network.stages[stage].low)) for sign in (-1, 1)
    ]
    chosen = rng.permutation(len(goals))[:_MOST_GOALS]
    listed = np.array([goals[index] for index in sorted(chosen)], np.int64).reshape(-1, 3)
    return listed[:, 0], listed[:, 1], listed[:, 2]


def _changed(
    words: NDArray[np.int64], low: NDArray[np.int64], high: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """`words` with a few inputs of each crossing at an end of their range, zero or anywhere."""
    new = rng.integers(low, high, words.shape, endpoint=True)
    choice = rng.integers(0, 4, words.shape)
    for value, end in enumerate((low, high, np.clip(0, low, high))):
        new = np.where(choice == value, end, new)
    return np.asarray(np.where(rng.random(words.shape) < min(_N_CHANGED / words.shape[1], 0.5), new, words))
