"""The edges of an event from its hits, of operations that every back end has: wires, a bit for each edge, a count for k-NN.

Each edge costs the same logic, wherever its sensors are, and none waits for another but the few before it in a k-NN table: the
latency is that of one sensor, the logic that of one sensor times their number (arXiv:2307.07289).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.model.graphs import HitGraph

__all__ = ["active_edges", "hit_bits", "neighbour_words"]


def hit_bits(words: Any) -> Any:
    """1 where a word is not zero, else 0; words are unsigned, any shape."""
    return require("keras").ops.clip(words, 0.0, 1.0)


def neighbour_words(words: Any, graph: HitGraph) -> Any:
    """Words (n, n_sensors) of all possible neighbours: (n, n_sensors, n_places), zero where there is none."""
    ops = require("keras").ops
    padded = ops.pad(words, ((0, 0), (0, 1)))
    table = np.where(graph.neighbours < 0, graph.detector.n_sensors, graph.neighbours)
    return ops.reshape(ops.take(padded, table.ravel(), axis=1), (-1, *table.shape))


def active_edges(bits: Any, graph: HitGraph, name: str = "edges") -> Any:
    """Edges of an event as bits (n, n_sensors, n_places), the words of `HitGraph.active`.

    Parameters
    ----------
    bits : tensor, shape (n, n_sensors)
        `hit_bits` of the hits.
    graph : HitGraph
        Possible neighbours.
    name : str
        Begins the names of the layers.
    """
    keras = require("keras")
    there = neighbour_words(bits, graph)
    own = keras.ops.repeat(keras.ops.expand_dims(bits, -1), graph.n_places, axis=-1)
    edges = keras.layers.Minimum(name=name)([own, there])
    if not graph.limit or graph.limit >= graph.n_places:
        return edges
    free = keras.ops.clip(_hits_before(there, name) * -1.0 + float(graph.limit), 0.0, 1.0)
    return keras.layers.Minimum(name=f"{name}_nearest")([edges, free])


def _hits_before(there: Any, name: str) -> Any:
    """How many of the nearer candidates are hit, (n, n_sensors, n_places): a constant kernel of ones above its diagonal."""
    keras, qkeras = require("keras"), require("qkeras")
    places = int(there.shape[-1])
    ones = qkeras.quantized_bits(2, 1, alpha=1)
    above = keras.initializers.Constant(np.triu(np.ones((places, places), np.float32), 1))
    count = qkeras.QDense(
        places, use_bias=False, kernel_initializer=above, kernel_quantizer=ones, trainable=False, name=f"{name}_before"
    )
    return count(there)
