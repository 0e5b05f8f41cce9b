from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from network_words import all_words

from l1ml._optional import require
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model import Network
from l1ml.model.extraction import extract_network
from l1ml.model.foreign.network_layers import keras_model
from l1ml.model.operations import (
    Absolute,
    Add,
    Affine,
    ArgMax,
    Concatenate,
    Dense,
    Gather,
    Maximum,
    Operation,
    Product,
    Quantise,
    Scale,
    Square,
    Steps,
)

FORMATS = (FixedPoint(6, 6), FixedPoint(5, 5, False), FixedPoint(4, 4))
SIGN = Steps(np.zeros(1, np.int64), 0, np.array([-1, 1]), 0)


def quantise(width: int, integer: int, signed: bool = True, overflow: Overflow = Overflow.SAT) -> Quantise:
    return Quantise(FixedPoint(width, integer, signed, Rounding.RND_CONV, overflow))


def dense(kernel: Any, fractional: int, bias: Any = None, bias_fractional: int = 0) -> Dense:
    words = np.array(kernel)
    return Dense(words, fractional, np.zeros(words.shape[1], np.int64) if bias is None else np.array(bias), bias_fractional)


NETWORKS: dict[str, tuple[Sequence[Operation], Sequence[tuple[int, ...]]]] = {
    "chain": (
        (Scale(np.array([2, 0, -1])), dense([[3, -4], [1, 0], [-2, 7]], 3, [5, -1], 1), quantise(5, 3, False), ArgMax()),
        (),
    ),
    "symmetric": ((quantise(4, 3, overflow=Overflow.SAT_SYM), quantise(3, 5), Maximum()), ()),
    "unsigned_bit": ((quantise(1, 1, False), dense([[1], [2], [4]], 0)), ()),
    "reached": ((Steps(np.zeros(1, np.int64), 0, np.array([0, 1]), 0), dense([[1], [2], [4]], 0)), ()),
    "sign": ((SIGN, dense([[-1], [-1], [-1]], -2)), ()),
    "windows": (
        (
            Gather(np.array([0, -1, 1, 2, -1, 0])),
            Dense(np.array([[3], [1]]), 2, np.array([5]), 1, positions=3),
            Affine(np.array([6, -2, 4]), 2, np.array([4, 0, -8]), 3),
            Gather(np.array([2, 0, 1, 1])),
            Affine(np.ones(4, np.int64), 0, np.array([1, 2, 3, 4]), 0),
            Maximum(2),
            Gather(np.array([1, 0, 0, 1])),
            ArgMax(2),
        ),
        (),
    ),
    "branches": (
        (Square(), Absolute(), Add(-1), Product(), Add(1), Concatenate()),
        ((0,), (0,), (1, 2), (1, 3), (4, 3), (5, 4)),
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_layers_are_the_network(name: str, tmp_path: Path, rng: np.random.Generator) -> None:
    operations, sources = NETWORKS[name]
    network = Network(FORMATS, operations, sources, [f"/part/{name}.{index}" for index in range(len(operations))])
    keras_model(network).save(tmp_path / "weights.keras")
    model = require("keras").models.load_model(tmp_path / "weights.keras", compile=False)
    extracted = extract_network(model, FORMATS)
    two_steps = any(isinstance(item, Affine | Gather) for item in operations)
    assert (extracted.digest == network.digest) is not two_steps
    words = random_words(FORMATS, 300, rng)
    values = all_words(network, words) * 2.0 ** -network.stages[-1].fractional
    np.testing.assert_array_equal(model.predict(words.astype(np.float32), verbose=0), values)
    np.testing.assert_array_equal(all_words(extracted, words), all_words(network, words))


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (Affine(np.full(3, 2**24 + 1), 0, np.zeros(3, np.int64), 0), "operation 'last': weights of 26 bits"),
        (Quantise(FixedPoint(4, 2, True, Rounding.TRN, Overflow.SAT)), r"no quantiser ap_fixed<4,2,AP_TRN,AP_SAT>"),
        (Quantise(FixedPoint(4, 2, True, Rounding.RND_CONV, Overflow.WRAP)), "rounds halves to even and saturates"),
        (Steps(np.array([1]), 0, np.array([0, 1]), 0), "the sign and whether"),
        (dense([[2**24 + 1], [1], [1]], 0), "weights of 26 bits are more than the 24 of float32"),
        # a kernel of even words has a coarser grid in QKeras' eyes only if it is written so: the digest would be another
        (Steps(np.zeros(1, np.int64), 1, np.array([-1, 1]), 0), "no QKeras model of the same operations"),
    ],
)
def test_what_qkeras_has_not_is_refused_by_name(operation: Operation, message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        keras_model(Network(FORMATS, [operation], (), ["last"]))
