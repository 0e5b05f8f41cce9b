"""A network on the graph of the hits whose kernels know the place of each neighbour: words of sensors -> a score for each sensor.

One round is a graph convolution: a hit reads its own words and those of its neighbours, which come along active edges as they
are, and one dense layer with a kernel of its own for each place of the table makes its new words of all of them at once. So it
can ask for three hits in a row (the times of a track in staggered layers add up to a constant), where messages that are made of
two hits and then summed (`l1ml.training.graph.interaction_network`) cannot. All sensors share the kernels; the geometry of an
edge is in its place, as in M. Neu et al., arXiv:2307.07289.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from l1ml._optional import require
from l1ml.model.graphs import HitGraph
from l1ml.training.graph.edges import active_edges, hit_bits, neighbour_words
from l1ml.training.tagger.layers import Layers

__all__ = ["build_hit_filter"]


def build_hit_filter(graph: HitGraph, widths: Sequence[int], time_bits: int, layers: Layers) -> Any:
    """Keras model: drift-time words (n, n_sensors), 0 for no hit, -> scores of the hits (n, n_sensors), 0 for no hit.

    Parameters
    ----------
    graph : HitGraph
        Possible neighbours.
    widths : sequence of int
        Words that a hit has after each round; there are as many rounds.
    time_bits : int
        Width of the drift-time words.
    layers : Layers
        The kind of numbers.
    """
    keras = require("keras")
    inputs = keras.Input((graph.detector.n_sensors,), name="words")
    bits = hit_bits(inputs)
    edges = active_edges(bits, graph) if graph.limit else None
    times = keras.layers.Rescaling(2.0**-time_bits, name="shift")(inputs)
    # that there is a hit is the first thing that a neighbour asks, and the time of an early one is nearly none
    state = keras.ops.stack([times, bits], axis=-1)
    for turn, width in enumerate(widths):
        known = layers.activation(_seen(state, edges, graph, f"round_{turn}_"), f"round_{turn}_words")
        x = layers.activation(layers.dense(known, width, f"round_{turn}"), f"round_{turn}_relu")
        state = _of_hits(x, bits, f"round_{turn}_hits")
    logits = layers.dense(layers.activation(state, "last_words"), 1, "scores")
    return keras.Model(inputs, _of_hits(logits, bits, "of_hits")[..., 0], name="hit_filter")


def _of_hits(x: Any, bits: Any, name: str) -> Any:
    """`x` (n, n_sensors, k), zero where nothing is hit."""
    keras = require("keras")
    there = keras.ops.repeat(keras.ops.expand_dims(bits, -1), int(x.shape[-1]), axis=-1)
    return keras.layers.Multiply(name=name)([x, there])


def _seen(state: Any, edges: Any, graph: HitGraph, prefix: str) -> Any:
    """What a hit reads, (n, n_sensors, k * (1 + n_places)): its own words, then those of the neighbours, place by place.

    The words of a sensor without a hit are zero. So an edge needs no bit of its own but where a rule takes the nearest hits only.
    """
    keras, words = require("keras"), []
    for word in range(int(state.shape[-1])):
        there = neighbour_words(state[..., word], graph)
        words.append(there if edges is None else keras.layers.Multiply(name=f"{prefix}sent_{word}")([there, edges]))
    return keras.ops.concatenate([state, *words], axis=-1)
