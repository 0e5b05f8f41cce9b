"""Layers of a tagger in three kinds of numbers, so that an architecture is written once: floats, fixed formats, learned bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from l1ml._optional import require
from l1ml.training.config import QuantisationConfig
from l1ml.training.layers import Constraint, dense, quantised

__all__ = ["FixedLayers", "FloatLayers", "Layers", "LearnedLayers"]


class Layers(Protocol):
    """What architectures are built of; both act on the last axis of tensors of any rank."""

    def dense(self, x: Any, width: int, name: str) -> Any:
        """`x` times a kernel, plus a bias: (..., n) -> (..., width)."""

    def activation(self, x: Any, name: str, *, signed: bool = False) -> Any:
        """`x` on a grid, saturating: rectified, or with its sign where `signed`."""


class FloatLayers:
    """Nothing is rounded: the reference of the others, and the teacher of a distillation."""

    def dense(self, x: Any, width: int, name: str) -> Any:
        """A plain dense layer."""
        return require("keras").layers.Dense(width, name=name)(x)

    def activation(self, x: Any, name: str, *, signed: bool = False) -> Any:
        """A rectifier, or nothing."""
        return require("keras").layers.Activation("linear" if signed else "relu", name=name)(x)


@dataclass(frozen=True, slots=True)
class FixedLayers:
    """One format for all weights, one for all activations, as QKeras has them; `constraint` prunes kernels."""

    formats: QuantisationConfig
    constraint: Constraint = None

    def dense(self, x: Any, width: int, name: str) -> Any:
        """Quantised weights and bias."""
        return dense(self.formats, width, name, self.constraint)(x)

    def activation(self, x: Any, name: str, *, signed: bool = False) -> Any:
        """The format of inputs where `signed`, else that of activations."""
        qkeras, formats = require("qkeras"), self.formats
        if signed:
            return quantised(x, formats.input_bits, formats.input_integer, name)
        relu = qkeras.quantized_relu(formats.activation_bits, formats.activation_integer)
        return qkeras.QActivation(relu, name=name)(x)


@dataclass(frozen=True, slots=True)
class LearnedLayers:
    """Bits learned by gradient: of each weight, channel or layer, and of each channel (or layer) of activations.

    Parameters
    ----------
    granularity : str
        One of `l1ml.training.bits.learned_bits.GRANULARITIES`.
    fractional : int
        Bits behind the point to begin with.
    rounding : str
        Of activations, see `l1ml.training.bits.ActivationBits`.
    largest : tuple of float
        Largest scaled words, channel by channel once or several times: formats of the signed activation, which is the first one,
        hold them and never saturate. Without them what is seen decides.
    initializer : str
        How kernels are drawn to begin with, as Keras calls it. Those of "he_normal", which QKeras takes, are large where inputs
        are few; the networks in floats have "glorot_uniform".
    """

    granularity: str = "weight"
    fractional: int = 4
    rounding: str = "even"
    largest: tuple[float, ...] = ()
    initializer: str = "he_normal"

    def dense(self, x: Any, width: int, name: str) -> Any:
        """Weights and bias with bits of their own."""
        from l1ml.training.bits import WeightBits

        bits = {f"{which}_quantizer": WeightBits(self.granularity, self.fractional) for which in ("kernel", "bias")}
        return require("qkeras").QDense(width, name=name, kernel_initializer=self.initializer, **bits)(x)

    def activation(self, x: Any, name: str, *, signed: bool = False) -> Any:
        """Bits of the last axis."""
        from l1ml.training.bits import ActivationBits

        of = "layer" if self.granularity == "layer" else "channel"
        largest = self.largest[: x.shape[-1]] if signed else ()
        holds = (max(largest),) if largest and of == "layer" else largest
        bits = ActivationBits(signed, of, self.fractional, rounding=self.rounding, holds=holds)
        return require("qkeras").QActivation(bits, name=name)(x)
