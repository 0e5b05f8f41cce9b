"""The quantisers of QONNX as number formats.

QONNX defines ``Quant`` as ``(round(clip(x / scale + zero_point)) - zero_point) * scale`` with whole limits that `bit_width`,
`signed` and `narrow` set, and ``BipolarQuant`` as ``scale * (1 if x >= 0 else -1)``, which a signed ``Quant`` of one bit is too
(qonnx/custom_op/general/intquant.py, version 1.0.0). Clipping to whole limits before rounding and after it are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model.dyadic import refuse
from l1ml.model.foreign.qonnx_call import Constant
from l1ml.model.foreign.qonnx_file import Node

__all__ = ["Quantiser", "read_quantiser_node"]

_ROUNDINGS = {
    "ROUND": Rounding.RND_CONV,
    "HALF_EVEN": Rounding.RND_CONV,
    "HALF_UP": Rounding.RND_INF,
    "HALF_DOWN": Rounding.RND_ZERO,
    "FLOOR": Rounding.TRN,
    "DOWN": Rounding.TRN_ZERO,
}
"""Modes that both know: those of QONNX count "up" and "down" away from zero and towards it."""

_ATTRIBUTES = {"signed", "narrow", "rounding_mode"}


@dataclass(frozen=True, slots=True, eq=False)
class Quantiser:
    """Counts of `format` times the `scale`, one or one per channel, all positive; without a format the sign, -1 or 1."""

    format: FixedPoint | None
    scale: NDArray[np.float64]

    @property
    def is_unsigned(self) -> bool:
        """Whether nothing below zero gets through."""
        return self.format is not None and not self.format.signed

    @property
    def shift(self) -> NDArray[np.int64] | None:
        """Integers s with ``scale == 2**-s``; None where a scale is no power of two."""
        mantissa, exponent = np.frexp(self.scale)
        return np.asarray(1 - exponent, np.int64) if (mantissa == 0.5).all() else None

    def quantise(self, values: NDArray[np.float64]) -> Constant:
        """Constant `values` as they come out."""
        # a float32 divided by a float32 is the same float32 everywhere
        scaled = (np.asarray(values, np.float32) / self.scale.astype(np.float32)).astype(np.float64)
        counts = np.where(scaled >= 0, 1.0, -1.0) if self.format is None else self.format.quantize(scaled)
        if self.shift is not None:
            return Constant(counts * self.scale, exact=True)
        return Constant(counts, exact=True, scale=np.broadcast_to(self.scale, counts.shape))


def read_quantiser_node(node: Node, parameters: Sequence[NDArray[np.float64] | None]) -> Quantiser:
    """Quantiser of `node`, whose inputs behind the first are `parameters`: scale, zero point, bits; None if not constant.

    Raises
    ------
    ConversionError
        On a scale that is not positive, a zero point, or a rounding that no fixed-point type has, by name.
    """
    expected = 1 if node.kind == "BipolarQuant" else 3
    given = [item for item in parameters if item is not None]
    if len(given) != expected or len(parameters) != expected:
        msg = f"{node.where}: {node.kind} needs {expected} constants behind its first input, received {len(given)}"
        raise ConversionError(msg)
    unknown = sorted(set(node.attributes) - (_ATTRIBUTES if expected == 3 else set()))
    if unknown:
        msg = f"{node.where}: {node.kind} with the attribute {unknown[0]!r} is not known"
        raise ConversionError(msg)
    scale = np.asarray(given[0], np.float64)
    wrong = scale[~(np.isfinite(scale) & (scale > 0))]
    if wrong.size:
        raise refuse(node.where, f"{node.kind} with a scale of {wrong.flat[0]:.6g}", "a positive one")
    return Quantiser(None if expected == 1 else _format(given[1], given[2], node), scale)


def _format(zero_point: NDArray[np.float64], width: NDArray[np.float64], node: Node) -> FixedPoint | None:
    """Format of the counts; none of a signed bit alone, which is the sign."""
    signed, narrow = (bool(node.attributes.get(name, 1)) for name in ("signed", "narrow"))
    mode = str(node.attributes.get("rounding_mode", "ROUND")).upper()
    moved = zero_point[zero_point != 0]
    if moved.size:
        raise refuse(node.where, f"{node.kind} with a zero point of {moved.flat[0]:.6g}", "a zero point of 0")
    if mode not in _ROUNDINGS:
        raise refuse(node.where, f"{node.kind} with rounding_mode={mode!r}", f"one of {', '.join(_ROUNDINGS)}")
    bits = np.unique(width)
    if bits.size != 1 or bits[0] not in range(1, 33):
        widths = ", ".join(f"{item:.6g}" for item in bits)
        raise refuse(node.where, f"{node.kind} of {widths} bits", "one width of 1 to 32 whole bits")
    if narrow and not signed:
        raise refuse(node.where, f"{node.kind} with narrow=1, signed=0 (without its largest count)", "narrow=0")
    if signed and bits[0] == 1:
        return None
    overflow = Overflow.SAT_SYM if narrow else Overflow.SAT
    return FixedPoint(int(bits[0]), int(bits[0]), signed, _ROUNDINGS[mode], overflow)
