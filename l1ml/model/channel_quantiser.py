"""A Keras activation with a number format for each channel, which no quantiser of QKeras has.

It is what `l1ml.training.bits` leaves behind once the bits are learned; `l1ml.model.channel_formats` reads it. Importing this
module makes Keras able to load models that hold one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from l1ml._optional import require
from l1ml.errors import ConfigError, nearest

keras = require("keras")

__all__ = ["ROUNDINGS", "ChannelQuantiser", "checked_rounding"]

ROUNDINGS = ("even", "down")
"""To the nearest word, halves to even; or to the next word below."""


def checked_rounding(rounding: str) -> str:
    """`rounding`, which is one of `ROUNDINGS`.

    Raises
    ------
    ConfigError
        If it is not.
    """
    if rounding not in ROUNDINGS:
        msg = f"rounding {rounding!r} is not known; {nearest(rounding, ROUNDINGS)}"
        raise ConfigError(msg)
    return rounding


@keras.saving.register_keras_serializable(package="l1ml")
class ChannelQuantiser:
    """Round and saturate every channel of the last axis in its own format; an unsigned one is a rectifier.

    Halves go to even, as in ``quantized_bits`` and ``quantized_relu``, or all bits below the last one are cut off, which costs no
    adder: `_round_half_even` in `l1ml.conversion.alkaid_operations` shows what the other one takes.

    Parameters
    ----------
    signed : bool
        Whether there is a sign beside the bits.
    integer, fractional : sequence of int, shape (channels,) or (1,)
        Bits before and behind the point, the sign not counted; a channel of ``integer + fractional <= 0`` is always zero.
    rounding : str
        One of `ROUNDINGS`.

    Raises
    ------
    ConfigError
        If the two have different lengths, a format has more than 24 bits, which float32 does not hold, or there is no such
        rounding.
    """

    def __init__(self, signed: bool, integer: Sequence[int], fractional: Sequence[int], rounding: str = "even") -> None:
        self.signed, self.rounding = bool(signed), checked_rounding(rounding)
        self.integer, self.fractional = ([int(item) for item in values] for values in (integer, fractional))
        if len(self.integer) != len(self.fractional):
            msg = f"{len(self.integer)} integer and {len(self.fractional)} fractional bits; expected one of each per channel"
            raise ConfigError(msg)
        widest = max((i + f for i, f in zip(self.integer, self.fractional, strict=True)), default=0)
        if widest > _WIDEST:
            msg = f"a channel of {widest} bits; float32 holds {_WIDEST}: use fewer"
            raise ConfigError(msg)

    def __call__(self, values: Any) -> Any:
        """`values`, shape (..., channels), on the grid of each channel."""
        ops = keras.ops
        bits = np.maximum(np.add(self.integer, self.fractional), 0)
        high = np.exp2(bits) - 1
        low = np.where(bits > 0, -np.exp2(bits), 0) if self.signed else np.zeros(len(bits))
        counts = (ops.round if self.rounding == "even" else ops.floor)(values * _power(self.fractional))
        return ops.clip(counts, low.astype(np.float32), high.astype(np.float32)) * _power(np.negative(self.fractional))

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {"signed": self.signed, "integer": self.integer, "fractional": self.fractional, "rounding": self.rounding}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The quantiser of `get_config`."""
        return cls(**config)


_WIDEST = 23
"""Bits beside the sign that leave room for the bit below, which rounding looks at."""


def _power(exponent: Any) -> Any:
    """Two to the `exponent`, as float32."""
    return np.exp2(np.asarray(exponent, np.float64)).astype(np.float32)
