"""The result of an unfolding: events at generator level with weights, and replicas of them for the errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from l1ml.errors import DataError, nearest
from offline.unfolding.sample import FloatArray, IdentityArray

__all__ = ["Replica", "Unfolded"]


@dataclass(frozen=True, eq=False)
class Replica:
    """The same unfolding once more, with something varied.

    Parameters
    ----------
    kind : str
        What was varied: ``data`` and ``mc`` (Poisson bootstraps), ``ensemble`` (start of the networks), or
        ``systematic:NAME`` (detector response).
    index : int
        Number of the replica within its kind, from 0; with the seed of the unfolding it decides every random number.
    weight : ndarray of float64, shape (n,)
        As in `Unfolded`.
    gen : ndarray of float64, shape (n, d), optional
        Its events, where they are not those of the nominal result.
    """

    kind: str
    index: int
    weight: FloatArray
    gen: FloatArray | None = None

    def __post_init__(self) -> None:
        if self.gen is not None and len(self.gen) != len(self.weight):
            msg = f"replica {self.kind} {self.index} has {len(self.weight)} weights for {len(self.gen)} events"
            raise DataError(msg)
        if not np.isfinite(self.weight).all():
            msg = f"replica {self.kind} {self.index} has {int((~np.isfinite(self.weight)).sum())} weights that are not finite"
            raise DataError(msg)


@dataclass(frozen=True, eq=False)
class Unfolded:
    """Events at generator level that together are the unfolded distribution, without bins.

    Parameters
    ----------
    method : str
        Name of the method.
    names : tuple of str
        Names of the generated quantities.
    gen : ndarray of float64, shape (n, d)
        Events: those of the simulation that pass at generation, in their order (methods that weight), or drawn ones (methods
        that sample).
    weight : ndarray of float64, shape (n,)
        Weight of each. Their total is the estimated true yield in the selection at generation, in the unit of the weights of
        the data; misses are corrected for and fakes are taken out.
    event : ndarray of uint64, shape (n,)
        Identity of the simulated event (methods that weight) or of the measured one that it was drawn for (methods that sample).
    iterations : ndarray of float64, shape (k, n), optional
        Weights after each iteration, the last one being `weight`.
    replicas : tuple of Replica
        For errors.
    record : mapping
        How it was made, as JSON holds it: settings, seed, versions, losses, saturated and zero weights.

    Raises
    ------
    DataError
        If shapes disagree or a value is not finite.
    """

    method: str
    names: tuple[str, ...]
    gen: FloatArray
    weight: FloatArray
    event: IdentityArray
    iterations: FloatArray | None = None
    replicas: tuple[Replica, ...] = ()
    record: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.weight)
        if self.gen.shape != (n, len(self.names)) or self.event.shape != (n,):
            msg = f"{n} weights, events of the shape {self.gen.shape} and {self.event.shape}, names {list(self.names)} do not fit"
            raise DataError(msg)
        if self.iterations is not None and self.iterations.shape[1:] != (n,):
            msg = f"weights of the iterations have the shape {self.iterations.shape}, expected (k, {n})"
            raise DataError(msg)
        for what, values in (("weights", self.weight), ("quantities", self.gen)):
            if not np.isfinite(values).all():
                msg = f"{int((~np.isfinite(values)).sum())} unfolded {what} are not finite"
                raise DataError(msg)
        for replica in self.replicas:
            if replica.gen is None and len(replica.weight) != n:
                msg = f"replica {replica.kind} {replica.index} has {len(replica.weight)} weights for {n} events"
                raise DataError(msg)

    @property
    def n(self) -> int:
        """Number of events."""
        return len(self.weight)

    @property
    def total(self) -> float:
        """Estimated true yield."""
        return float(self.weight.sum())

    @property
    def effective(self) -> float:
        """Effective number of events, (sum w)^2 / sum w^2 (Kish)."""
        return float(self.weight.sum() ** 2 / np.square(self.weight).sum())

    def column(self, name: str) -> FloatArray:
        """The quantity `name` of every event, shape (n,).

        Raises
        ------
        DataError
            If there is none of that name.
        """
        if name not in self.names:
            msg = f"unknown quantity {name!r}; {nearest(name, self.names)}"
            raise DataError(msg)
        return self.gen[:, self.names.index(name)]

    def with_replicas(self, replicas: tuple[Replica, ...]) -> Self:
        """The same result with `replicas` added."""
        return replace(self, replicas=(*self.replicas, *replicas))
