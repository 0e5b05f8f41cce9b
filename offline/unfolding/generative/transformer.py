"""TraCFM: a transformer that reads reconstructed objects and moves generated ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from l1ml._optional import require
from offline.density.networks import clock

keras = require("keras")
ops = keras.ops

__all__ = ["transformer_velocity"]

Tokens = Sequence[Sequence[int]]
"""The columns of each token."""


def transformer_velocity(gen: Tokens, reco: Tokens, *, width: int, heads: int, blocks: int, hidden: int) -> tuple[Any, Any]:
    """Encoder and velocity of TraCFM (arXiv:2404.18807, sect. 3.3.2).

    Tokens of x attend to each other in the encoder; those of z_t, to which the time is added, to each other and to the encoded x
    in the decoder. Every token has an embedding and a head of its own, which tell its place. None is masked: velocities of all
    tokens are predicted at once.

    Parameters
    ----------
    gen, reco : sequence of sequence of int
        Columns of each token of z and x, in their order.
    width : int
        Features of a token inside.
    heads : int
        Of each attention.
    blocks : int
        In encoder and decoder each.
    hidden : int
        Width inside the perceptron of a block.

    Returns
    -------
    keras.Model, keras.Model
        Encoder: x to (n, tokens, width). Velocity: [z_t, t, encoded x] to (n, d_gen).
    """
    x = keras.Input((sum(map(len, reco)),))
    tokens = _embedded(x, reco, width)
    for _ in range(blocks):
        tokens = _perceptron(_attended(tokens, None, heads), hidden)
    encoder = keras.Model(x, keras.layers.LayerNormalization()(tokens))

    z, time, encoded = keras.Input((sum(map(len, gen)),)), keras.Input((1,)), keras.Input((len(reco), width))
    tokens = _embedded(z, gen, width)
    moment = keras.layers.Dense(width)(keras.layers.Concatenate()(clock(time)))
    tokens = tokens + ops.expand_dims(moment, axis=1)
    for _ in range(blocks):
        tokens = _attended(_attended(tokens, None, heads), encoded, heads)
        tokens = _perceptron(tokens, hidden)
    tokens = keras.layers.LayerNormalization()(tokens)
    columns = [keras.layers.Dense(len(group), kernel_initializer="zeros")(tokens[:, at]) for at, group in enumerate(gen)]
    velocity = ops.concatenate(columns, axis=1)
    return encoder, keras.Model([z, time, encoded], velocity)


def _embedded(columns: Any, tokens: Tokens, width: int) -> Any:
    """Each group of columns as one token, shape (n, tokens, width)."""
    return ops.stack([keras.layers.Dense(width)(ops.take(columns, list(group), axis=1)) for group in tokens], axis=1)


def _attended(tokens: Any, others: Any, heads: int) -> Any:
    """`tokens` after attention to `others`, or to each other where that is None."""
    query = keras.layers.LayerNormalization()(tokens)
    attention = keras.layers.MultiHeadAttention(heads, tokens.shape[-1] // heads)
    return tokens + attention(query, query if others is None else others)


def _perceptron(tokens: Any, hidden: int) -> Any:
    """`tokens` after a perceptron of each."""
    inner = keras.layers.Dense(hidden, activation="silu")(keras.layers.LayerNormalization()(tokens))
    return tokens + keras.layers.Dense(tokens.shape[-1])(inner)
