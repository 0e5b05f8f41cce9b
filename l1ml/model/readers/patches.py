"""Which words a window sees at each of its positions: TensorFlow's rule of padding, strides and dilation."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

__all__ = ["Window"]


@dataclass(frozen=True, slots=True)
class Window:
    """A window over the spatial axes of a tensor: one entry of `size`, `strides` and `dilation` for each of them.

    `padding` is ``valid``, ``same`` or ``causal``.
    """

    size: tuple[int, ...]
    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: str

    def places(self, shape: tuple[int, ...]) -> NDArray[np.int64]:
        """Place of the word at each (position, tap, channel) in a tensor of `shape` with channels last; -1 in the padding."""
        *spatial, channels = shape
        axes = [self._taps(axis, length) for axis, length in enumerate(spatial)]
        numbers = np.arange(prod(spatial)).reshape(spatial)
        positions, taps = ([axis.shape[side] for axis in axes] for side in (0, 1))
        rank = len(axes)
        # one axis (positions, taps) after the other, spread over (positions..., taps...) of all of them
        spread = []
        for number, axis in enumerate(axes):
            extents = [1] * (2 * rank)
            extents[number], extents[rank + number] = axis.shape
            spread.append(axis.reshape(extents))
        seen = np.where(np.logical_and.reduce(np.broadcast_arrays(*[item >= 0 for item in spread])), numbers[tuple(spread)], -1)
        cells = seen.reshape(prod(positions), prod(taps), 1)
        return np.where(cells >= 0, cells * channels + np.arange(channels), -1)

    def _taps(self, axis: int, length: int) -> NDArray[np.int64]:
        """Places along one axis of the given `length`, shape (positions, taps); -1 in the padding."""
        size, stride, dilation = self.size[axis], self.strides[axis], self.dilation[axis]
        extent = (size - 1) * dilation + 1
        positions, before = (length - extent) // stride + 1, 0
        if self.padding == "same":
            positions = -(-length // stride)
            before = max((positions - 1) * stride + extent - length, 0) // 2
        elif self.padding == "causal":
            positions, before = (length - 1) // stride + 1, extent - 1
        places = np.arange(positions)[:, None] * stride + np.arange(size) * dilation - before
        return np.where((places >= 0) & (places < length), places, -1)
