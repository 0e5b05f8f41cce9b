"""Energies of layers as a total and shares: each layer breaks its part off what it and all layers before it have.

As the u of CaloFlow (arXiv:2106.05285) and CaloDREAM (arXiv:2405.09629), but from the back: there showers end, and a layer that
saw nothing has the share 0, while from the front the last layer with energy has the share 1 and those behind it have none at all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["from_sticks", "to_sticks"]

FloatArray = NDArray[np.float64]


def to_sticks(layers: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Totals, shape (n,), and shares, shape (n, n_layers - 1), of energies of the shape (n, n_layers).

    Share i is that of layer i + 1 in the energy up to and with it, 0 where there is none.

    Examples
    --------
    >>> to_sticks(np.array([[1.0, 3.0, 0.0]]))
    (array([4.]), array([[0.75, 0.  ]]))
    """
    until = np.cumsum(layers, axis=1)
    share = np.divide(layers[:, 1:], until[:, 1:], out=np.zeros_like(layers[:, 1:]), where=until[:, 1:] > 0)
    return until[:, -1], share


def from_sticks(total: FloatArray, share: FloatArray) -> FloatArray:
    """Energies of layers, shape (n, n_layers); they add up to `total` for any shares in [0, 1].

    Examples
    --------
    >>> from_sticks(np.array([4.0]), np.array([[0.75, 0.0]]))
    array([[1., 3., 0.]])
    """
    layers = np.empty((len(total), share.shape[1] + 1))
    left = total.copy()
    for at in range(share.shape[1], 0, -1):
        layers[:, at] = left * share[:, at - 1]
        left -= layers[:, at]
    layers[:, 0] = left
    return layers
