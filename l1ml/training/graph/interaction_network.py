"""An interaction network on the graph of the hits: words of sensors -> a score for each sensor.

P. Battaglia et al., Interaction networks, arXiv:1612.00222, equations 1 to 5: a message for each edge from the two hits at its
ends, the sum of the messages at each hit, and a function of hit and sum. The place of a neighbour in the table stands for the
geometry of the edge: each place has a kernel of its own, the same for all sensors.
"""

from __future__ import annotations

from typing import Any

from l1ml._optional import require
from l1ml.model.graphs import HitGraph
from l1ml.training.graph.config import InteractionConfig
from l1ml.training.graph.edges import active_edges, hit_bits, neighbour_words
from l1ml.training.layers import dense, quantised

__all__ = ["build_edges", "build_hit_scorer"]


def build_edges(graph: HitGraph) -> Any:
    """Keras model of the graph builder alone: words (n, n_sensors) -> edges, bits (n, n_sensors * n_places)."""
    keras = require("keras")
    inputs = keras.Input((graph.detector.n_sensors,), name="words")
    edges = active_edges(hit_bits(inputs), graph)
    return keras.Model(inputs, keras.layers.Flatten(name="table")(edges), name="graph_builder")


def build_hit_scorer(graph: HitGraph, config: InteractionConfig) -> Any:
    """Keras model: drift-time words (n, n_sensors), 0 for no hit, -> scores of the hits (n, n_sensors), 0 for no hit.

    Every number is on a grid: what is trained is what goes into firmware.
    """
    keras, formats = require("keras"), config.quantisation
    n_sensors = graph.detector.n_sensors
    inputs = keras.Input((n_sensors,), name="words")
    bits = hit_bits(inputs)
    edges = active_edges(bits, graph)
    scaled = keras.layers.Rescaling(2.0**-config.time_bits, name="shift")(inputs)
    times = quantised(scaled, formats.input_bits, formats.input_integer, "times")
    # the number of neighbours is the first thing that tells a track from background
    state = keras.ops.stack([times, bits], axis=-1)
    for turn in range(config.rounds):
        state = _interaction(state, edges, graph, config, f"round_{turn}_")
    logits = dense(formats, 1, "score_words", None)(state)
    score = quantised(logits, formats.latent_bits, formats.latent_integer, "score")
    return keras.Model(inputs, keras.layers.Multiply(name="scores")([keras.ops.squeeze(score, -1), bits]), name="hit_scorer")


def _interaction(state: Any, edges: Any, graph: HitGraph, config: InteractionConfig, prefix: str) -> Any:
    """One round: state (n, n_sensors, k) -> state (n, n_sensors, hidden)."""
    keras = require("keras")
    width = int(state.shape[-1])
    there = keras.ops.stack([neighbour_words(state[..., word], graph) for word in range(width)], axis=-1)
    messages = []
    for place in range(graph.n_places):
        ends = keras.ops.concatenate([state, there[:, :, place]], axis=-1)
        message = _rectified(ends, config.messages, f"{prefix}message_{place}", config)
        edge = keras.ops.repeat(edges[:, :, place : place + 1], config.messages, axis=-1)
        messages.append(keras.layers.Multiply(name=f"{prefix}sent_{place}")([message, edge]))
    total = keras.layers.Add(name=f"{prefix}sum")(messages) if len(messages) > 1 else messages[0]
    return _rectified(keras.ops.concatenate([state, total], axis=-1), config.hidden, f"{prefix}hit", config)


def _rectified(x: Any, width: int, name: str, config: InteractionConfig) -> Any:
    """A dense layer on the last axis, rectified and quantised."""
    qkeras, formats = require("qkeras"), config.quantisation
    relu = qkeras.quantized_relu(formats.activation_bits, formats.activation_integer)
    return qkeras.QActivation(relu, name=f"{name}_relu")(dense(formats, width, name, None)(x))
