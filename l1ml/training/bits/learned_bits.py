"""Quantisers whose fractional bits are trained by gradient, for the layers of QKeras.

The method is that of HGQ (C. Sun et al., arXiv:2405.00645, section III): a value is rounded to f bits behind the point, its
gradient passes straight through, and the error of rounding, which falls as 2**-f, gives f a gradient of its own (eq. 8):
``d q / d f = ln 2 * (x - q)``. Bits before the point are not trained. Those of a weight follow from its value, and those of an
activation from the largest values that were seen.

Rounding of weights is that of ``quantized_bits``, halves to even; that of activations is the same or down, and they saturate, so
that `l1ml.training.bits.freezing` can say the same in fixed formats.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.errors import ConfigError, nearest
from l1ml.model.channel_quantiser import checked_rounding

keras = require("keras")
ops = keras.ops

__all__ = ["GRANULARITIES", "LOWEST", "ActivationBits", "LearnedBits", "WeightBits"]

GRANULARITIES = ("layer", "channel", "weight")
"""What has a number of bits of its own; a channel is an index of the last axis, a weight any single number."""

LOWEST = -8.0
"""Bits behind the point at least: no weight there can be is half of such a count, and rounds to anything but zero."""
_KEPT = 0.999
"""Share of the largest value seen that is left after one more batch without such a value."""

_HAIR_LESS = 1 - 2.0**-20
"""Makes -4 need the integer bits of 3.99, as two's complement has it; more than the hair that `_integer_bits` adds."""


class LearnedBits(keras.layers.Layer):  # type: ignore[misc, name-defined]  # Keras has no type hints
    """What quantisers of weights and of activations share: the trained number of fractional bits.

    Parameters
    ----------
    granularity : str
        One of `GRANULARITIES`.
    fractional : int
        Bits behind the point to begin with.
    most : int
        Bits behind the point at most.

    Raises
    ------
    ConfigError
        If `granularity` is unknown or `fractional` is out of range.
    """

    def __init__(self, granularity: str = "weight", fractional: int = 6, most: int = 10, **options: Any) -> None:
        super().__init__(**options)
        if granularity not in GRANULARITIES:
            msg = f"granularity {granularity!r} is not known; {nearest(granularity, GRANULARITIES)}"
            raise ConfigError(msg)
        if not LOWEST <= fractional <= most:
            msg = f"fractional must be in [{LOWEST:.0f}, most = {most}], received {fractional}"
            raise ConfigError(msg)
        self.granularity, self.first, self.most = granularity, fractional, most

    def add_fractional(self, shape: tuple[int, ...]) -> None:
        """Make the variable, for values of `shape`."""

        def clip(value: Any) -> Any:
            return ops.clip(value, LOWEST, float(self.most))

        self.fractional = self.add_weight(
            shape=self.shape_of_bits(shape),
            initializer=keras.initializers.Constant(float(self.first)),
            constraint=clip,
            name="fractional",
        )

    def shape_of_bits(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Shape of the numbers of bits of values of `shape`, against which it broadcasts."""
        ones = (1,) * len(shape)
        return {"layer": ones, "channel": (*ones[:-1], shape[-1]), "weight": shape}[self.granularity]

    def whole_bits(self) -> Any:
        """Fractional bits as whole numbers, whose gradient is that of the variable; exact, because x - x is zero."""
        return ops.stop_gradient(ops.round(self.fractional)) + _nothing(self.fractional)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "granularity": self.granularity, "fractional": self.first, "most": self.most}


@keras.saving.register_keras_serializable(package="l1ml")
class WeightBits(LearnedBits):
    """Rounds kernels and biases; there is no largest weight, and one that rounds to zero is pruned."""

    bits = 24
    """QKeras asks a quantiser for its bits and its largest value, to draw weights that fit."""

    def max(self) -> float:
        """Largest magnitude that QKeras lets a weight have."""
        return 16.0

    def build(self, shape: tuple[int, ...]) -> None:
        """Make the variable, for a weight of `shape`."""
        self.add_fractional(tuple(shape))

    def call(self, values: Any) -> Any:
        """`values` on their grids."""
        return _rounded(ops.convert_to_tensor(values), self.whole_bits())

    def width(self, values: Any) -> Any:
        """Bits from the largest power of two in each of `values` to the last bit that f leaves it, at least 0; not the sign."""
        fractional = self.whole_bits()
        magnitude = ops.stop_gradient(ops.abs(_rounded(ops.convert_to_tensor(values), fractional)))
        is_there = ops.cast(magnitude > 0, "float32")
        return is_there * ops.relu(_integer_bits(magnitude) + fractional)


@keras.saving.register_keras_serializable(package="l1ml")
class ActivationBits(LearnedBits):
    """Rounds and saturates activations; the unsigned one is a rectifier.

    Cutting bits off instead of rounding costs no logic, and the half count that is lost on average is for the bias before or
    after it to learn; the gradients are those of rounding, the error of a value being taken against the middle of its count.

    Integer bits follow the largest magnitude of a training, which fades slowly; `calibrate` makes it that of given events. A
    number of bits for each "weight" is refused: crossings are many, the numbers of one crossing are channels.

    Parameters
    ----------
    signed : bool
        Whether values below zero are kept.
    granularity, fractional, most
        As `LearnedBits`.
    rounding : str
        One of `l1ml.model.channel_quantiser.ROUNDINGS`.
    holds : sequence of float
        Magnitude of each channel that integer bits are for, whatever is seen: of words whose range is known, so that nothing has
        to compare them with the ends of a narrower one. Without them what is seen decides.
    """

    def __init__(
        self,
        signed: bool = False,
        granularity: str = "channel",
        fractional: int = 6,
        most: int = 10,
        *,
        rounding: str = "even",
        holds: Sequence[float] = (),
        **options: Any,
    ) -> None:
        super().__init__(granularity, fractional, most, **options)
        if granularity == "weight":
            msg = "activations have bits per 'layer' or 'channel', received 'weight'"
            raise ConfigError(msg)
        self.signed, self.rounding, self.is_measuring = signed, checked_rounding(rounding), False
        self.holds = tuple(float(value) for value in holds)

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the variables, for activations of `shape`, crossings first."""
        self.add_fractional((int(shape[-1] or 1),))
        seen = keras.initializers.Constant(np.array(self.holds or (0.0,), np.float32))
        self.peak = self.add_weight(shape=self.fractional.shape, initializer=seen, trainable=False, name="peak")

    def call(self, values: Any, training: bool = False) -> Any:
        """`values` on their grids; the largest one is kept in mind while training."""
        x = ops.convert_to_tensor(values)
        if (training or self.is_measuring) and not self.holds:
            self._see(x)
        fractional = self.whole_bits()
        if self.is_measuring:
            return self._rounded(x if self.signed else ops.relu(x), fractional)
        edge = ops.exp2(self.integer_bits())
        # beyond the edges, and not where bits are missing, the gradient ends: a channel without bits can get some back
        is_inside = ops.cast((x <= edge) & (x >= (-edge if self.signed else 0.0)), x.dtype)
        lsb = ops.exp2(-ops.stop_gradient(fractional))
        high = ops.maximum(edge - lsb, 0.0)
        low = -edge if self.signed else ops.zeros_like(edge)
        is_there = ops.cast(self.integer_bits() + ops.stop_gradient(fractional) > 0, x.dtype)
        exact = ops.clip(ops.stop_gradient(self._rounded(x, fractional)), low, high) * is_there
        middle = exact if self.rounding == "even" else exact + lsb / 2
        return exact + is_inside * (_nothing(x) + _slope(x - middle, fractional))

    def _rounded(self, x: Any, fractional: Any) -> Any:
        """`x` on the grid 2**-fractional."""
        if self.rounding == "even":
            return _rounded(x, fractional)
        scale = ops.exp2(ops.stop_gradient(fractional))
        return ops.floor(x * scale) / scale

    def _see(self, x: Any) -> None:
        """Remember the largest magnitude of a batch."""
        # two's complement holds -2**i, but not 2**i
        magnitude = ops.maximum(x, -x * _HAIR_LESS) if self.signed else ops.relu(x)
        axes = tuple(range(len(x.shape) - 1)) if self.granularity == "channel" else None
        largest = ops.reshape(ops.max(ops.stop_gradient(magnitude), axis=axes), self.peak.shape)
        self.peak.assign(ops.maximum(self.peak * (1.0 if self.is_measuring else _KEPT), largest))

    def integer_bits(self) -> Any:
        """Bits before the point, shape (channels,) or (1,): the fewest that hold what was seen."""
        return _integer_bits(ops.convert_to_tensor(self.peak))

    def width(self) -> Any:
        """Bits of each channel, the sign included, 0 where nothing is left; its gradient is that of f."""
        is_there = ops.cast(ops.convert_to_tensor(self.peak) > 0, "float32")
        magnitude = ops.relu(self.integer_bits() + self.whole_bits())
        sign = float(self.signed) * ops.cast(ops.stop_gradient(magnitude) > 0, "float32")
        return is_there * (magnitude + sign)

    def formats(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Integer and fractional bits of each channel; a channel that was always zero has none."""
        integer, fractional, peak = (np.asarray(item) for item in (self.integer_bits(), self.whole_bits(), self.peak))
        integer = np.where(peak > 0, integer, -fractional)
        return integer.astype(np.int64), fractional.astype(np.int64)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "signed": self.signed, "rounding": self.rounding, "holds": self.holds}


def _nothing(x: Any) -> Any:
    """Zero with the gradient of `x`."""
    return x - ops.stop_gradient(x)


def _slope(error: Any, fractional: Any) -> Any:
    """Zero, with the gradient of a value whose rounding left `error` behind at `fractional` bits."""
    return log(2) * ops.stop_gradient(error) * _nothing(fractional)


def _rounded(x: Any, fractional: Any) -> Any:
    """`x` on the grid 2**-fractional, with the gradients of both."""
    scale = ops.exp2(ops.stop_gradient(fractional))
    exact = ops.stop_gradient(ops.round(x * scale) / scale)
    return exact + _nothing(x) + _slope(x - exact, fractional)


def _integer_bits(magnitude: Any) -> Any:
    """The i of ``2**(i - 1) <= magnitude < 2**i``; of zero as of the smallest number that counts.

    A logarithm may miss a power of two by its last bit; the hair that is added is less than one count of 23 bits.
    """
    return ops.floor(ops.log2(ops.maximum(magnitude, 2.0**-30)) + 2.0**-22) + 1.0
