"""Bins of one or several quantities, numbered one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError
from offline.unfolding.sample import FloatArray

__all__ = ["Bins", "Grid"]

_LARGEST = 20_000
"""Bins in one level: a covariance of so many takes 3.2 GB."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Bins of a level, the last quantity running fastest. The outermost ones are open: an event is never outside.

    Parameters
    ----------
    names : tuple of str
        Quantities.
    edges : tuple of ndarray of float64
        Increasing edges of each quantity, its number of bins + 1.
    """

    names: tuple[str, ...]
    edges: tuple[FloatArray, ...]

    def __post_init__(self) -> None:
        for name, edges in zip(self.names, self.edges, strict=True):
            if edges.ndim != 1 or edges.size < 2 or not (np.diff(edges) > 0).all() or not np.isfinite(edges).all():
                msg = f"edges of {name!r} must be finite, increasing and at least two, received {edges.tolist()}"
                raise ConfigError(msg)
        if self.size > _LARGEST:
            msg = f"{self.shape} are {self.size} bins, at most {_LARGEST} can be unfolded: unfold fewer quantities, or fewer bins"
            raise ConfigError(msg)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of bins of each quantity."""
        return tuple(edges.size - 1 for edges in self.edges)

    @property
    def size(self) -> int:
        """Number of bins."""
        return prod(self.shape)

    def number(self, values: FloatArray) -> NDArray[np.int64]:
        """Number of the bin of each event; `values` of shape (n, number of quantities), result of shape (n,)."""
        inner = [np.searchsorted(edges[1:-1], column, side="right") for edges, column in zip(self.edges, values.T, strict=True)]
        return np.asarray(np.ravel_multi_index(tuple(inner), self.shape), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Bins:
    """How both levels are binned.

    Parameters
    ----------
    gen_edges, reco_edges : tuple of tuple of float
        Edges of every quantity of a level. Empty: bins of equal content, of the generated and of the measured events.
    gen_bins, reco_bins : int
        Number of bins of each quantity where a level has no edges; quantities that take few values get fewer.
    """

    gen_edges: tuple[tuple[float, ...], ...] = ()
    reco_edges: tuple[tuple[float, ...], ...] = ()
    gen_bins: int = 20
    reco_bins: int = 40

    def __post_init__(self) -> None:
        if min(self.gen_bins, self.reco_bins) < 1:
            msg = f"gen_bins and reco_bins must be at least 1, received {self.gen_bins} and {self.reco_bins}"
            raise ConfigError(msg)

    def gen_grid(self, names: tuple[str, ...], values: FloatArray) -> Grid:
        """Bins at generation, for `values` of shape (n, number of quantities)."""
        return _grid("gen_edges", names, self.gen_edges, self.gen_bins, values)

    def reco_grid(self, names: tuple[str, ...], values: FloatArray) -> Grid:
        """Bins at reconstruction, for `values` of shape (n, number of quantities)."""
        return _grid("reco_edges", names, self.reco_edges, self.reco_bins, values)


def _grid(what: str, names: tuple[str, ...], edges: Sequence[Sequence[float]], bins: int, values: FloatArray) -> Grid:
    """The given edges, or those of equal content."""
    if edges and len(edges) != len(names):
        msg = f"{what} has edges of {len(edges)} quantities, the events have {list(names)}: give edges for each, or for none"
        raise ConfigError(msg)
    if edges:
        return Grid(names, tuple(np.asarray(own, np.float64) for own in edges))
    return Grid(names, tuple(_equal_content(column, bins) for column in values.T))


def _equal_content(column: FloatArray, bins: int) -> FloatArray:
    """Edges between which equally many of `column` lie; fewer where a value takes more than its share."""
    edges = np.unique(np.quantile(column, np.linspace(0, 1, bins + 1)))
    return edges if edges.size > 1 else np.array([edges[0] - 0.5, edges[0] + 0.5])
