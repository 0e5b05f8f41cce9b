from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from network_words import all_words

from l1ml._optional import require
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model.extraction import extract_network, freeze
from l1ml.model.foreign.keras2_scales import settle_scales

keras, qkeras = require("keras"), require("qkeras")


def model(bits: int, integer: int, kernel: Any) -> Any:
    inputs = keras.Input((len(kernel),))
    dense = qkeras.QDense(kernel.shape[1], kernel_quantizer=qkeras.quantized_bits(bits, integer), use_bias=False, name="fc")
    found = keras.Model(inputs, dense(inputs))
    dense.set_weights([kernel])
    return found


def of_qkeras_0_9(kernel: Any, bits: int, integer: int) -> Any:
    """``quantized_bits.__call__`` of 0.9.0 with alpha="auto_po2", line by line."""
    x = kernel / np.float32(2.0**integer)
    m, levels = 2.0 ** (bits - 1), (2 ** (bits - 1) - 1) * 2
    scale = np.abs(x).max(axis=0, keepdims=True) * 2 / levels
    scale = 2.0 ** np.round(np.log(scale + np.float32(1e-7)) / np.log(2.0))
    for _ in range(5):
        v = np.floor(np.abs(x) / scale + 0.5)
        z = np.sign(x) * np.where(v < levels / 2, v, levels / 2)
        scale = (x * z).mean(axis=0, keepdims=True) / ((z * z).mean(axis=0, keepdims=True) + 1e-7)
        scale = 2.0 ** np.round(np.log(scale + 1e-7) / np.log(2.0))
    return scale * m * (2.0**integer * z / m)


@pytest.mark.parametrize(("bits", "integer"), [(4, 0), (3, 1), (2, 0), (6, 2)])
def test_weights_are_those_of_qkeras_0_9(bits: int, integer: int, rng: np.random.Generator) -> None:
    for _ in range(5):
        kernel = (rng.standard_normal((12, 4)) * 2.0 ** rng.integers(-3, 3, 4)).astype(np.float32)
        expected = of_qkeras_0_9(kernel, bits, integer)
        found = model(bits, integer, kernel)
        layer = found.get_layer("fc")
        settle_scales(found)
        freeze(found)
        np.testing.assert_array_equal(np.asarray(layer.kernel_quantizer_internal(layer.kernel)), expected)
        words = np.eye(12, dtype=np.int32)
        network = extract_network(found, [FixedPoint(4, 4)] * 12)
        np.testing.assert_array_equal(all_words(network, words) * 2.0 ** -network.stages[-1].fractional, expected)


def test_nan_weights_are_refused() -> None:
    with pytest.raises(ConversionError, match="kernel of layer 'fc': 1 of 2 weights are NaN"):
        settle_scales(model(4, 0, np.array([[np.nan], [1.0]], np.float32)))
