"""Bit widths learned by gradient, under the cost of the logic that they need. Needs the extra ``train``."""

from __future__ import annotations

from l1ml.training.bits.config import BitsConfig
from l1ml.training.bits.cost import BitOperations, count_bit_operations
from l1ml.training.bits.freezing import calibrate, freeze_bits
from l1ml.training.bits.front import BitsPoint, ParetoFront
from l1ml.training.bits.learned_bits import ActivationBits, WeightBits
from l1ml.training.bits.learning import BitsTask, learn_bits, settle

__all__ = [
    "ActivationBits",
    "BitOperations",
    "BitsConfig",
    "BitsPoint",
    "BitsTask",
    "ParetoFront",
    "WeightBits",
    "calibrate",
    "count_bit_operations",
    "freeze_bits",
    "learn_bits",
    "settle",
]
