"""Bit widths learned by gradient, under the cost of the logic that they need. Needs the extra ``train``.

A network is built of QKeras layers with the quantisers from here; a training passes from dear to cheap networks, and one of those
that nothing beats settles into fixed formats, which `l1ml.model.extraction` reads::

    x = qkeras.QActivation(ActivationBits(signed=True))(inputs)
    x = qkeras.QDense(64, kernel_quantizer=WeightBits(), bias_quantizer=WeightBits())(x)
    x = qkeras.QActivation(ActivationBits())(x)
    ...
    front = learn_bits(network, task, config)
    frozen = settle(network, front.best_within(3000), task, config, limit=3000)

`learn_within` is both.
"""

from __future__ import annotations

from l1ml.training.bits.config import BitsConfig
from l1ml.training.bits.cost import BitOperations, count_bit_operations
from l1ml.training.bits.freezing import FrozenCost, calibrate, freeze_bits
from l1ml.training.bits.front import BitsPoint, ParetoFront
from l1ml.training.bits.learned_bits import ActivationBits, WeightBits
from l1ml.training.bits.learning import learn_bits, settle
from l1ml.training.bits.limited import Limited, learn_within
from l1ml.training.bits.task import BitsTask

__all__ = [
    "ActivationBits",
    "BitOperations",
    "BitsConfig",
    "BitsPoint",
    "BitsTask",
    "FrozenCost",
    "Limited",
    "ParetoFront",
    "WeightBits",
    "calibrate",
    "count_bit_operations",
    "freeze_bits",
    "learn_bits",
    "learn_within",
    "settle",
]
