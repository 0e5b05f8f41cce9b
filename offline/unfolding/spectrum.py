"""Histograms of an unfolded result, with covariance from its replicas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError, nearest
from offline.unfolding.sample import FloatArray
from offline.unfolding.unfolded import Replica, Unfolded

__all__ = ["SYSTEMATIC", "Binning", "Spectrum"]

SYSTEMATIC = "systematic:"
"""Kinds of replica with this prefix are shifts of the nominal result, those of other kinds draws around it."""


@dataclass(frozen=True, eq=False)
class Binning:
    """Bins of one or more quantities.

    Parameters
    ----------
    names : tuple of str
        Quantities.
    edges : tuple of ndarray of float64
        Rising edges of each. Bins hold their lower edge, the last one its upper edge, too; what lies outside is not counted.

    Raises
    ------
    ConfigError
        If there is no quantity, or edges are fewer than two, not finite or not rising.
    """

    names: tuple[str, ...]
    edges: tuple[FloatArray, ...]

    def __post_init__(self) -> None:
        if not self.names or len(self.names) != len(self.edges) or len(set(self.names)) != len(self.names):
            msg = f"{len(self.edges)} lists of edges for the quantities {list(self.names)}: give each of them edges once"
            raise ConfigError(msg)
        for name, edges in zip(self.names, self.edges, strict=True):
            if edges.ndim != 1 or edges.size < 2 or not np.isfinite(edges).all() or not (np.diff(edges) > 0).all():
                msg = f"edges of {name!r} must be two or more finite, rising numbers, received {edges.tolist()}"
                raise ConfigError(msg)

    @classmethod
    def of(cls, edges: Mapping[str, Sequence[float] | FloatArray]) -> Self:
        """Bins with the `edges` of each quantity."""
        return cls(tuple(edges), tuple(np.asarray(values, dtype=np.float64) for values in edges.values()))

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of bins in each quantity."""
        return tuple(edges.size - 1 for edges in self.edges)

    @property
    def n(self) -> int:
        """Number of bins."""
        return int(np.prod(self.shape))

    @property
    def volumes(self) -> FloatArray:
        """Product of the widths, shape as `shape`."""
        volumes = np.ones(())
        for edges in self.edges:
            volumes = np.multiply.outer(volumes, np.diff(edges))
        return np.asarray(volumes)

    def places(self, values: FloatArray, names: Sequence[str]) -> NDArray[np.intp]:
        """Bin of each event in row-major order, shape (n,); the number of bins for one that lies outside.

        Raises
        ------
        DataError
            If one of the quantities is not among `names`, those of the columns of `values`.
        """
        places, inside = np.zeros(len(values), np.intp), np.ones(len(values), np.bool_)
        for name, edges in zip(self.names, self.edges, strict=True):
            if name not in names:
                msg = f"unknown quantity {name!r}; {nearest(name, names)}"
                raise DataError(msg)
            column = values[:, list(names).index(name)]
            place = np.searchsorted(edges, column, side="right") - 1
            place[column == edges[-1]] -= 1
            inside &= (place >= 0) & (place < edges.size - 1)
            places = places * (edges.size - 1) + place
        return np.where(inside, places, self.n)

    def sums(self, places: NDArray[np.intp], weight: FloatArray) -> FloatArray:
        """Total of `weight` in each bin, shape as `shape`."""
        sums: FloatArray = np.bincount(places, weight, minlength=self.n + 1)[: self.n].astype(np.float64)
        return sums.reshape(self.shape)


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Unfolded yields in bins.

    Parameters
    ----------
    binning : Binning
        The bins.
    values : ndarray of float64, shape of the binning
        Yields, or what `normalised` and `density` make of them.
    replicas : mapping of str to ndarray of float64, shape (number of replicas, *shape of the binning)
        The same of the replicas, by kind.
    """

    binning: Binning
    values: FloatArray
    replicas: Mapping[str, FloatArray]

    def __post_init__(self) -> None:
        for kind, values in self.replicas.items():
            if values.shape[1:] != self.values.shape or not len(values):
                msg = f"replicas {kind!r} have the shape {values.shape}, expected one or more of {self.values.shape}"
                raise DataError(msg)

    @classmethod
    def of(cls, unfolded: Unfolded, edges: Mapping[str, Sequence[float] | FloatArray]) -> Self:
        """`unfolded` in bins with the `edges` of one or more of its quantities.

        Raises
        ------
        DataError
            If there is no such quantity.
        ConfigError
            As `Binning`.

        Examples
        --------
        >>> events = Unfolded("none", ("z",), np.array([[0.5], [1.5], [1.7]]), np.ones(3), np.arange(3, dtype=np.uint64))
        >>> Spectrum.of(events, {"z": [0.0, 1.0, 2.0]}).values
        array([1., 2.])
        """
        binning = Binning.of(edges)
        places = binning.places(unfolded.gen, unfolded.names)
        replicas = {
            kind: np.stack([_replica_sums(binning, places, item, unfolded.names) for item in items])
            for kind, items in _by_kind(unfolded.replicas).items()
        }
        return cls(binning, binning.sums(places, unfolded.weight), replicas)

    def normalised(self) -> Self:
        """Shares: nominal result and each replica divided by their own total over the bins."""
        axes = tuple(range(1, self.values.ndim + 1))
        shares = {kind: values / values.sum(axis=axes, keepdims=True) for kind, values in self.replicas.items()}
        return replace(self, values=self.values / self.values.sum(), replicas=shares)

    def density(self) -> Self:
        """Everything divided by the volume of its bin."""
        volumes = self.binning.volumes
        densities = {kind: values / volumes for kind, values in self.replicas.items()}
        return replace(self, values=self.values / volumes, replicas=densities)

    def covariance(self, kinds: Iterable[str] | None = None) -> FloatArray:
        """Covariance of the bins in row-major order, shape (bins, bins); the sum over `kinds`, all of them when left out.

        Replicas of the kinds ``data``, ``mc`` and ``ensemble`` are draws: their sample covariance. Those of one systematic are
        shifts: the mean outer product of the differences to the nominal result (one shift, or one up and one down).

        Raises
        ------
        DataError
            If there are no replicas at all, none of a kind that is asked for, or only one draw.
        """
        chosen = list(self.replicas if kinds is None else kinds)
        if not chosen:
            msg = "no replicas, hence no covariance: unfold with uncertainties"
            raise DataError(msg)
        return np.asarray(np.sum([self._covariance(kind) for kind in chosen], axis=0))

    def _covariance(self, kind: str) -> FloatArray:
        """Covariance of one kind."""
        if kind not in self.replicas:
            msg = f"no replicas of the kind {kind!r}; {nearest(kind, self.replicas)}"
            raise DataError(msg)
        flat = self.replicas[kind].reshape(-1, self.binning.n)
        if kind.startswith(SYSTEMATIC):
            shifts = flat - self.values.reshape(1, -1)
            return np.asarray(shifts.T @ shifts / len(shifts))
        if len(flat) < 2:
            msg = f"one replica of the kind {kind!r} has no spread: unfold with two or more"
            raise DataError(msg)
        deviations = flat - flat.mean(axis=0)
        return np.asarray(deviations.T @ deviations / (len(flat) - 1))

    def correlation(self, kinds: Iterable[str] | None = None) -> FloatArray:
        """Correlation of the bins, shape (bins, bins); bins without any error have none with others."""
        covariance = self.covariance(kinds)
        error = np.sqrt(np.diag(covariance))
        scale = np.where(error > 0, error, 1.0)
        return np.asarray(covariance / np.outer(scale, scale))

    def errors(self, kinds: Iterable[str] | None = None) -> FloatArray:
        """Standard deviation of each bin, shape of the binning."""
        return np.sqrt(np.diag(self.covariance(kinds))).reshape(self.values.shape)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON: bins, values, errors of each kind and of all together, covariance of all, replicas."""
        errors = {kind: self.errors([kind]).tolist() for kind in self.replicas}
        total = {"total": self.errors().tolist()} if self.replicas else {}
        return {
            "names": list(self.binning.names),
            "edges": [edges.tolist() for edges in self.binning.edges],
            "values": self.values.tolist(),
            "errors": errors | total,
            "covariance": self.covariance().tolist() if self.replicas else None,
            "replicas": {kind: values.tolist() for kind, values in self.replicas.items()},
        }


def _by_kind(replicas: Iterable[Replica]) -> dict[str, list[Replica]]:
    """Replicas of each kind in the order of their index."""
    kinds: dict[str, list[Replica]] = {}
    for replica in replicas:
        kinds.setdefault(replica.kind, []).append(replica)
    return {kind: sorted(items, key=lambda item: item.index) for kind, items in kinds.items()}


def _replica_sums(binning: Binning, places: NDArray[np.intp], item: Replica, names: tuple[str, ...]) -> FloatArray:
    """Yields of one replica; `places` are those of the nominal events."""
    return binning.sums(places if item.gen is None else binning.places(item.gen, names), item.weight)
