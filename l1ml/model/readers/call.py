"""A Keras layer or operation in its place in a model, as its reader sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.model.builder import NetworkBuilder
from l1ml.model.operations import Gather, Operation

__all__ = ["Call", "Reader", "crossing_shape"]


def crossing_shape(tensor: Any) -> tuple[int, ...]:
    """Shape of what `tensor` holds of one crossing.

    Raises
    ------
    ConversionError
        If a length is left open.
    """
    shape = tuple(tensor.shape)[1:]
    if any(length is None for length in shape):
        msg = f"the tensor {tensor.name!r} has the shape {shape}; firmware has a fixed number of words: give every length"
        raise ConversionError(msg)
    return tuple(int(length) for length in shape)


@dataclass(frozen=True, slots=True)
class Call:
    """A Keras layer or operation where it is applied: Keras' `node`, whose input tensors are stages `sources` of a network.

    The words of a stage are one row: those of a tensor of any shape in C order.
    """

    builder: NetworkBuilder
    layer: Any
    node: Any
    sources: Sequence[int]

    def add(self, operation: Operation) -> int:
        """Append `operation` on all sources, under the name of the layer."""
        return self.on(operation, *self.sources)

    def on(self, operation: Operation, *sources: int) -> int:
        """Append `operation` on stages `sources`, under the name of the layer."""
        return self.builder.add(self.layer.name, operation, *sources)

    def gather(self, index: NDArray[np.int64], source: int) -> int:
        """Append a choice of words of stage `source`, -1 being zero; nothing if all stay where they are."""
        words = np.asarray(index, np.int64).ravel()
        if np.array_equal(words, np.arange(self.builder.size(source))):
            return source
        return self.on(Gather(words), source)

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Shape of each input tensor, of one crossing."""
        return tuple(crossing_shape(tensor) for tensor in self.node.input_tensors)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the output tensor, of one crossing."""
        return crossing_shape(self.node.output_tensors[0])

    @property
    def channels(self) -> int:
        """Length of the last axis of the first input tensor; one where a crossing is a single number."""
        return (self.shapes[0] or (1,))[-1]

    @property
    def where(self) -> str:
        """The layer, for messages."""
        return f"layer {self.layer.name!r}"


Reader = Callable[[Call], int]
