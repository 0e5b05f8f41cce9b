"""From learned bits to formats that stay: a model of QKeras layers that `l1ml.model.extraction` reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.errors import DataError
from l1ml.model.channel_quantiser import ChannelQuantiser
from l1ml.training.bits.cost import count_bit_operations, learned_quantisers
from l1ml.training.bits.learned_bits import ActivationBits, WeightBits

keras = require("keras")

__all__ = ["FrozenCost", "calibrate", "freeze_bits"]

_WEIGHTS = ("kernel", "depthwise_kernel", "bias")
_BATCH = 4096


def calibrate(model: Any, inputs: NDArray[np.floating[Any]]) -> None:
    """Set the integer bits of all activations of `model` to the fewest that hold what they are on `inputs`, shape (n, ...).

    Nothing saturates meanwhile, so that an early layer cannot hide what a late one needs.

    Raises
    ------
    DataError
        If there are no inputs.
    """
    if not len(inputs):
        msg = "no inputs to calibrate with; the integer bits follow from the largest activations on them"
        raise DataError(msg)
    measuring = _Measuring(model)
    measuring.forget()
    for start in range(0, len(inputs), _BATCH):
        measuring(inputs[start : start + _BATCH])


class FrozenCost:
    """Effective bit operations that a network of learned bits has once it is calibrated and frozen, again and again.

    While it learns it has others: integer bits follow what batches show, saturation hides some of it, and a weight is paid for to
    the last bit of its grid even where that bit is zero.

    Parameters
    ----------
    model : keras.Model
        Of learned bits, and built; a call leaves it as it is.
    inputs : ndarray, shape (n, ...)
        Those that it will be calibrated with.
    squared : bool
        As for `count_bit_operations`.
    """

    def __init__(self, model: Any, inputs: NDArray[np.floating[Any]], *, squared: bool = False) -> None:
        self._model, self._inputs, self._squared = model, inputs, squared
        self._measuring = _Measuring(model)

    def __call__(self) -> int:
        """Those of the network as it is now."""
        peaks = [item.peak for item in self._measuring.quantisers]
        before = [np.asarray(peak) for peak in peaks]
        self._measuring.forget()
        # one graph: calls one by one take five times as long
        self._measuring.predict(self._inputs, batch_size=_BATCH, verbose=0)
        found = count_bit_operations(self._model, squared=self._squared)
        for peak, values in zip(peaks, before, strict=True):
            peak.assign(values)
        return found


class _Measuring(keras.Model):  # type: ignore[misc, name-defined]  # Keras has no type hints
    """A network whose activations are remembered and not saturated."""

    def __init__(self, network: Any) -> None:
        super().__init__(name="measuring")
        self.network = network
        self.quantisers = [item for item in learned_quantisers(network) if isinstance(item, ActivationBits)]

    def call(self, inputs: Any) -> Any:
        """The network, measuring."""
        for item in self.quantisers:
            item.is_measuring = True
        try:
            return self.network(inputs, training=False)
        finally:
            for item in self.quantisers:
                item.is_measuring = False

    def forget(self) -> None:
        """Have seen nothing yet."""
        for item in self.quantisers:
            if item.built and not item.holds:
                item.peak.assign(np.zeros(item.peak.shape))


def freeze_bits(model: Any) -> Any:
    """A copy of `model` with constants for learned bits: the same function of every input.

    Weights are on their own grids, and the quantiser of a kernel is a ``quantized_bits`` that holds all of them; activations
    have a `ChannelQuantiser`.

    Raises
    ------
    DataError
        If activations have never been seen: then nothing says how many integer bits they need.
    """
    frozen = keras.models.clone_model(model, clone_function=_frozen)
    for layer in model.layers:
        for which, _, values in _quantised(layer):
            getattr(frozen.get_layer(layer.name), which).assign(values)
    return frozen


def _frozen(layer: Any) -> Any:
    """A copy of `layer`, without its weights."""
    config = layer.get_config()
    for which, quantiser, values in _quantised(layer):
        option = which.removesuffix("_kernel")
        if quantiser is not None:
            config |= {f"{option}_quantizer": _holding(values), f"{which}_constraint": None, f"{which}_initializer": "zeros"}
    activation = getattr(layer, "activation", None)
    if isinstance(activation, ActivationBits):
        config["activation"] = _fixed(activation, layer.name)
    return type(layer).from_config(config)


def _quantised(layer: Any) -> Iterator[tuple[str, Any, NDArray[np.float32]]]:
    """Name, learned quantiser if there is one, and value in use of each weight of a QKeras `layer`."""
    for which in _WEIGHTS:
        weight = getattr(layer, which, None)
        if weight is None:
            continue
        quantiser = getattr(layer, f"{which.removesuffix('_kernel')}_quantizer_internal", None)
        if isinstance(quantiser, WeightBits):
            yield which, quantiser, np.asarray(quantiser(weight), np.float32)
        else:
            yield which, None, np.asarray(weight, np.float32)


def _holding(values: NDArray[np.float32]) -> Any:
    """The narrowest ``quantized_bits`` that leaves dyadic `values` as they are."""
    filled = np.abs(values[values != 0]).astype(np.float64)
    if not filled.size:
        return require("qkeras").quantized_bits(2, 1, alpha=1)
    integer = max(int(np.frexp(filled)[1].max()), 0)
    # the mantissa of float32 has 24 bits: counted from its last one that is set
    mantissa, exponent = np.frexp(filled)
    whole = (mantissa * 2.0**24).astype(np.int64)
    last = 24 - np.log2(whole & -whole).astype(np.int64) - exponent
    fractional = max(int(last.max()), 1)
    return require("qkeras").quantized_bits(1 + integer + fractional, integer, alpha=1)


def _fixed(quantiser: ActivationBits, name: str) -> ChannelQuantiser:
    if not quantiser.built or not np.any(np.asarray(quantiser.peak)):
        msg = f"layer {name!r}: no activation but zero was seen; call l1ml.training.bits.calibrate(model, inputs) first"
        raise DataError(msg)
    integer, fractional = quantiser.formats()
    return ChannelQuantiser(quantiser.signed, integer.tolist(), fractional.tolist(), quantiser.rounding)
