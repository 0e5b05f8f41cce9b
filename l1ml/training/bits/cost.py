"""What a network costs in logic, as a number that training can lower: effective bit operations.

EBOPs (HGQ, C. Sun et al., arXiv:2405.00645, section III.C) are the sum over all multiplications of the product of the bits of
both factors. Those of a constant weight are counted between its first and its last bit that is not zero; additions inside sums
and biases are not counted. `l1ml.conversion.bit_operations` says how many LUTs that makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.errors import ConfigError
from l1ml.model.dyadic import odd_parts
from l1ml.model.quantisers import read_quantiser
from l1ml.model.weights import read_weight
from l1ml.training.bits.learned_bits import ActivationBits, LearnedBits, WeightBits
from l1ml.training.bits.multiplications import Multiplications, multiplications, quantiser_of

keras = require("keras")
ops = keras.ops

__all__ = ["BitOperations", "count_bit_operations", "learned_quantisers"]

_SQUARES = "what squares the outputs"


class BitOperations:
    """Differentiable EBOPs of a `model` whose quantisers are all learned; an upper limit of what `count_bit_operations` gives.

    Parameters
    ----------
    model : keras.Model
        Functional, and built: every quantiser has its variables.
    squared : bool
        Whether the outputs of `model` are squared behind it. A square of b bits counts b**2 / 2: of the products of its digits
        those above the diagonal are those below it.

    Raises
    ------
    ConversionError
        As `multiplications`.
    """

    def __init__(self, model: Any, *, squared: bool = False) -> None:
        self._all = multiplications(model)
        self._quantisers = learned_quantisers(model)
        self._squared, self._n_outputs = quantiser_of(model.output, _SQUARES) if squared else None, int(model.output.shape[-1])

    def total(self) -> Any:
        """EBOPs, a scalar tensor."""
        return sum(self._of(item) for item in self._all) + self._squares()

    def _squares(self) -> Any:
        if self._squared is None:
            return 0.0
        return ops.sum(ops.square(ops.broadcast_to(self._squared.width(), (self._n_outputs,)))) / 2

    def _of(self, item: Multiplications) -> Any:
        width = item.quantiser.width(item.weights)
        n_channels = int(item.weights.shape[-2])
        given = item.activation.width()
        n_given = int(given.shape[0])
        if n_given > n_channels:
            given = ops.mean(ops.reshape(given, (-1, n_channels)), axis=0)
        else:
            given = ops.tile(given, (n_channels // n_given,))
        return item.positions * ops.sum(width * ops.expand_dims(given, -1))

    def excess(self, terms: Sequence[int]) -> Any:
        """Terms of all sums beyond those that their layer may have, layers in order of the model; the bias is none.

        A weight of b bits between its first and its last one is a sum of some (b + 1) / 2 shifted copies in signed digits, and n
        terms take log2 n adders one after the other: who limits them limits the time that the sum takes.

        Raises
        ------
        ConfigError
            If `terms` are those of more or fewer layers.
        """
        if len(terms) != len(self._all):
            msg = f"terms are given for {len(terms)} layers, the network has {len(self._all)} with weights"
            raise ConfigError(msg)
        return sum(
            ops.sum(ops.relu(ops.sum(_digits(item), axis=tuple(range(len(item.weights.shape) - 1))) - float(most)))
            for item, most in zip(self._all, terms, strict=True)
        )

    def bits(self) -> Any:
        """Sum of all trained numbers of bits above the least there can be: what is still to be had where no product feels it."""
        return sum(ops.sum(item.fractional) for item in self._quantisers)


def _digits(item: Multiplications) -> Any:
    """Digits of each weight that are not zero, about; none where it is zero."""
    width = item.quantiser.width(item.weights)
    return (width + ops.cast(ops.stop_gradient(width) > 0, "float32")) / 2


def learned_quantisers(model: Any) -> tuple[Any, ...]:
    """Every `LearnedBits` of `model`, each once, in the order of the layers."""
    found = {id(item): item for layer in model.layers for item in layer._flatten_layers() if isinstance(item, LearnedBits)}
    return tuple(found.values())


def count_bit_operations(model: Any, *, squared: bool = False) -> int:
    """EBOPs of a `model` of fixed formats, exactly; of learned bits those of the formats that `freeze_bits` would give them now.

    `squared` is as for `BitOperations`.

    Raises
    ------
    ConversionError
        As `multiplications`, or if a quantiser is no fixed format.
    """
    squares = 0.0
    if squared:
        width = _activation_width(quantiser_of(model.output, _SQUARES), _SQUARES)
        squares = float(np.square(np.broadcast_to(width, model.output.shape[-1:])).sum()) / 2
    return int(sum(_count(item) for item in multiplications(model)) + squares)


def _count(item: Multiplications) -> float:
    odd = odd_parts(_in_use(item))
    width = np.where(odd > 0, np.frexp(odd)[1], 0)
    n_channels = width.shape[-2]
    given = _activation_width(item.activation, item.layer.name)
    given = given.reshape(-1, n_channels).mean(axis=0) if given.size > n_channels else np.resize(given, n_channels)
    return float(item.positions * (width * given[:, None]).sum())


def _in_use(item: Multiplications) -> NDArray[np.floating[Any]]:
    """Values of the weights that are multiplied with."""
    if isinstance(item.quantiser, WeightBits):
        return np.asarray(item.quantiser(item.weights))
    weights = read_weight(item.layer, item.kernel)
    return np.asarray(weights.words * 2.0**-weights.fractional)


def _activation_width(quantiser: Any, name: str) -> NDArray[np.int64]:
    """Bits of each channel that a quantiser with fixed formats gives, the sign included."""
    if type(quantiser).__name__ == "ChannelQuantiser":
        bits = np.maximum(np.add(quantiser.integer, quantiser.fractional), 0)
        return np.asarray(bits + (quantiser.signed & (bits > 0)))
    if isinstance(quantiser, ActivationBits):
        return np.asarray(quantiser.width()).astype(np.int64)
    return np.array([read_quantiser(quantiser, f"the input of layer {name!r}").width])
