"""Which type carries the words of each operation without rounding any of them, proven from the ranges.

A float type is exact on whole numbers of up to as many bits as its mantissa, 24 in float32 and 53 in float64, and sums of them
are exact in whatever order as long as the sum of all magnitudes stays below: then every partial sum does. Multiplying by a power
of two changes no mantissa. Everything else is int64, which `Network.stages` keeps below 62 bits or refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from l1ml.errors import ConversionError
from l1ml.hardware import Overflow, Rounding
from l1ml.model.network import Network, Node
from l1ml.model.operations import Operation, Quantise, Stage

__all__ = ["Carrier", "Proof", "prove"]

Carrier = Literal["float32", "float64", "int64"]

_MANTISSA: dict[Carrier, int] = {"float32": 24, "float64": 53}
_MOST_BITS = 62
_FLOAT_ROUNDINGS = {Rounding.RND_CONV, Rounding.TRN, Rounding.RND}
_FLOAT_OVERFLOWS = {Overflow.SAT, Overflow.SAT_SYM}
_MOST_SHIFT = 64
"""Powers of two of a quantiser that are far from the ends of the exponent of float32, with any constant of a network."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What carries an operation, and why.

    Parameters
    ----------
    name : str
        Name of its layer.
    operation : str
        Its kind.
    n_words : int
        Words that it gives for each crossing.
    magnitude : int
        Largest magnitude of a word before or after it or of a partial sum inside it; exact below 2**53.
    carrier : {"float32", "float64", "int64"}
        Narrowest type that holds all of them.
    """

    name: str
    operation: str
    n_words: int
    magnitude: int
    carrier: Carrier

    @property
    def bits(self) -> int:
        """Bits of the magnitude."""
        return self.magnitude.bit_length()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        names = ("name", "operation", "n_words", "magnitude", "bits", "carrier")
        return {name: getattr(self, name) for name in names}


def prove(network: Network) -> tuple[Proof, ...]:
    """One proof for each operation of `network`, in order.

    Raises
    ------
    ConversionError
        If an operation could leave 62 bits.
    """
    stages = network.stages
    return tuple(
        _proof(node, [stages[source] for source in node.sources], after)
        for node, after in zip(network.nodes, stages[1:], strict=True)
    )


def _proof(node: Node, before: Sequence[Stage], after: Stage) -> Proof:
    # float64 sums of whole numbers are exact below 2**53 and cannot come back below it: that is where they are compared
    magnitude = max(node.operation.peak(*before), after.peak, *(stage.peak for stage in before))
    if magnitude >= 2.0**_MOST_BITS:
        msg = f"{node.name} could reach {magnitude:.3g}, beyond {_MOST_BITS} bits; use narrower quantisers before it"
        raise ConversionError(msg)
    in_floats = magnitude + _half(node.operation, before[0])
    carrier = _carrier(node.operation, before[0], in_floats)
    kind = str(node.operation.to_dict()["kind"])
    return Proof(node.name, kind, len(after.low), int(magnitude if carrier == "int64" else in_floats), carrier)


def _half(operation: Operation, stage: Stage) -> float:
    """What floats add to round halves up, counted on the grid before it; integers compare what is cut off instead."""
    if not isinstance(operation, Quantise) or operation.format.rounding is not Rounding.RND:
        return 0.0
    shift = stage.fractional - operation.format.fractional
    return 2.0 ** (shift - 1) if 0 < shift <= _MOST_SHIFT else 0.0


def _carrier(operation: Operation, stage: Stage, magnitude: float) -> Carrier:
    if isinstance(operation, Quantise):
        target = operation.format
        modes = target.rounding in _FLOAT_ROUNDINGS and target.overflow in _FLOAT_OVERFLOWS
        if not modes or abs(target.fractional - stage.fractional) > _MOST_SHIFT:
            return "int64"
    return next((carrier for carrier, bits in _MANTISSA.items() if magnitude < 2.0**bits), "int64")
