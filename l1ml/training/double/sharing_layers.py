"""`SharingTables` as layers behind two errors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.training.double.sharing_tables import ENTRIES, LOGARITHM_BITS, SEGMENTS, SharingTables

__all__ = ["shared_scores"]


def shared_scores(errors: Any, fractional: int, tables: SharingTables) -> Any:
    """Scores (n, 2) of a tensor of `errors` (n, 2) with `fractional` bits behind the point: the words of `SharingTables.scores`.

    Nothing of it is trained.
    """
    ops = require("keras").ops
    looked_up = _looked_up(_with_sum(errors, fractional - tables.shift), tables)
    rarity = ops.take(looked_up, [2], axis=-1)
    difference = ops.subtract(ops.take(looked_up, [0], axis=-1), ops.take(looked_up, [1], axis=-1))
    levels = _levels(_stratum(rarity, tables), difference, tables)
    return _sums(rarity, levels, tables.config.level)


def _with_sum(errors: Any, fractional: int) -> Any:
    """Words (n, 3): of both errors, and of their sum."""
    keras = require("keras")
    both = keras.layers.Rescaling(2.0**fractional, name="sharing_words")(errors)
    return _fixed(both, np.array([[1, 0, 1], [0, 1, 1]]), "sharing_sum", bits=2, integer=1)


def _looked_up(words: Any, tables: SharingTables) -> Any:
    """Both logarithms and the rarity (n, 3)."""
    keras, qkeras = require("keras"), require("qkeras")
    bits, parts = ENTRIES.bit_length() - 1, []
    for index, (start, shift) in enumerate(SEGMENTS):
        name = f"sharing_stretch_{index}"
        above = keras.ops.subtract(words, float(start)) if start else words
        places = keras.layers.Rescaling(2.0**-shift, name=f"{name}_shift")(above)
        places = qkeras.QActivation(qkeras.quantized_relu(bits, bits), name=name)(places)
        logarithm = tables.logarithm[index] * 2.0**-LOGARITHM_BITS
        rarity = tables.rarity[index] * 2.0**-tables.config.rarity_bits
        parts.append(_table(places, [logarithm, logarithm, rarity], f"{name}_table"))
    return keras.layers.Add(name="sharing_tables")(parts)


def _stratum(rarity: Any, tables: SharingTables) -> Any:
    keras, qkeras = require("keras"), require("qkeras")
    bits = tables.quantiles.shape[-1].bit_length() - 1
    words = keras.layers.Rescaling(2.0**tables.config.strata_bits, name="sharing_strata_words")(rarity)
    return qkeras.QActivation(qkeras.quantized_relu(bits, bits), name="sharing_strata")(words)


def _levels(stratum: Any, difference: Any, tables: SharingTables) -> Any:
    """Which levels (n, 2 * levels) each score is above the smaller one of both: those of the first, then those of the second."""
    keras, qkeras = require("keras"), require("qkeras")
    opposite, parts = keras.ops.negative(difference), []
    for name, side, quantiles in zip(("first", "second"), (difference, opposite), tables.quantiles, strict=True):
        repeated = keras.ops.take(stratum, [0] * len(quantiles), axis=-1)
        # one count below each quantile: what is left above it is one or more
        edges = _table(repeated, (quantiles - 1) * 2.0**-LOGARITHM_BITS, f"sharing_{name}_quantiles")
        above = keras.layers.Rescaling(2.0**LOGARITHM_BITS, name=f"sharing_{name}_counts")(keras.ops.subtract(side, edges))
        parts.append(qkeras.QActivation(qkeras.quantized_relu(1, 1), name=f"sharing_{name}_levels")(above))
    return keras.layers.Concatenate(name="sharing_levels")(parts)


def _sums(rarity: Any, levels: Any, level: float) -> Any:
    n = levels.shape[-1] // 2
    kernel = np.concatenate([np.ones((1, 2)), np.kron(np.eye(2), np.full((n, 1), level))])
    words = require("keras").layers.Concatenate(name="sharing_parts")([rarity, levels])
    return _fixed(words, kernel, "scores", bits=8, integer=3)


def _table(places: Any, tables: Any, name: str) -> Any:
    qkeras, channel_table = require("qkeras"), require("l1ml.model.channel_table")
    return qkeras.QActivation(channel_table.ChannelTable(np.asarray(tables).tolist()), name=name)(places)


def _fixed(words: Any, kernel: NDArray[Any], name: str, *, bits: int, integer: int) -> Any:
    """Sums of `words` (n, k) as `kernel` (k, m) says, which stays as it is."""
    qkeras = require("qkeras")
    numbers = qkeras.quantized_bits(bits, integer, alpha=1)
    layer = qkeras.QDense(kernel.shape[1], use_bias=False, kernel_quantizer=numbers, trainable=False, name=name)
    sums = layer(words)
    layer.set_weights([kernel.astype(np.float32)])
    return sums
