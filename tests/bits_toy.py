"""Small networks of learned bits, and one that has been trained in no time: random weights, random bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.hardware import FixedPoint

__all__ = ["FORMATS", "mixed_network", "shaken", "tiny_network", "words"]

FORMATS = (FixedPoint(8, 8, signed=True),) * 6


def words(n: int, rng: np.random.Generator, n_features: int = len(FORMATS)) -> np.ndarray:
    """Words on the link of 8 signed bits."""
    return rng.integers(-128, 128, (n, n_features)).astype(np.int32)


def mixed_network() -> Any:
    """6-8-4 with bits per weight, channel and layer, a rectifier that cuts bits off in a layer, a signed quantiser at the end."""
    from l1ml.training.bits import ActivationBits, WeightBits

    keras, qkeras = require("keras"), require("qkeras")
    inputs = keras.Input((6,), name="words")
    x = keras.layers.Rescaling(2.0**-5, name="shift")(inputs)
    x = qkeras.QActivation(ActivationBits(signed=True), name="grid")(x)
    weights = {"kernel_quantizer": WeightBits(), "bias_quantizer": WeightBits("channel")}
    x = qkeras.QDense(8, **weights, activation=ActivationBits(rounding="down"), name="hidden")(x)
    x = qkeras.QDense(4, kernel_quantizer=WeightBits("channel"), bias_quantizer=WeightBits("layer"), name="last")(x)
    return keras.Model(inputs, qkeras.QActivation(ActivationBits(signed=True, granularity="layer"), name="score")(x))


def tiny_network(granularity: str = "weight") -> Any:
    """6-4, one layer."""
    from l1ml.training.bits import ActivationBits, WeightBits

    keras, qkeras = require("keras"), require("qkeras")
    inputs = keras.Input((6,), name="words")
    x = qkeras.QActivation(ActivationBits(signed=True, fractional=-2), name="grid")(inputs)
    return keras.Model(inputs, qkeras.QDense(4, kernel_quantizer=WeightBits(granularity), use_bias=False, name="last")(x))


def shaken(network: Any, inputs: np.ndarray, seed: int = 3) -> Any:
    """`network` with random numbers of bits from -2 to 6, some of them too few for anything, calibrated on `inputs`."""
    from l1ml.training.bits import calibrate
    from l1ml.training.bits.cost import learned_quantisers

    network(inputs[:8].astype(np.float32), training=True)
    rng = np.random.default_rng(seed)
    for item in learned_quantisers(network):
        item.fractional.assign(rng.uniform(-2, 6, item.fractional.shape))
    for layer in network.layers:
        if getattr(layer, "bias", None) is not None:
            layer.bias.assign(rng.normal(0, 1, layer.bias.shape))
    calibrate(network, inputs.astype(np.float32))
    return network
