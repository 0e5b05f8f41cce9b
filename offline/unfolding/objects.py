"""All objects of each event: sets of any size, the empty one included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError

__all__ = ["Objects", "picked"]

_FULL_TURNS = 4 * np.pi
"""More than any convention for an angle in rad gives: words of a trigger and degrees lie beyond."""


@dataclass(frozen=True, eq=False)
class Objects:
    """Sets of objects, one for each event; their order says nothing.

    Parameters
    ----------
    values : ndarray of float, shape (n, slots, k)
        Quantities of each object; what stands in empty slots is never looked at.
    valid : ndarray of bool, shape (n, slots)
        Which slots hold an object, in any places; an event without any is a valid one.
    names : tuple of str
        Names of the `k` quantities.
    angles : tuple of str
        Those that are angles in rad: equal after a full turn.

    Raises
    ------
    DataError
        If shapes disagree, names are missing or twice, or an angle cannot be one in rad.
    """

    values: NDArray[np.floating[Any]]
    valid: NDArray[np.bool_]
    names: tuple[str, ...]
    angles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.values.shape != (*self.valid.shape, len(self.names)) or self.valid.ndim != 2 or self.valid.dtype != np.bool_:
            msg = (
                f"objects of the shape {self.values.shape}, valid of {self.valid.shape} and {self.valid.dtype} and the names "
                f"{list(self.names)} do not fit: expected (n, slots, {len(self.names)}) and bool of (n, slots)"
            )
            raise DataError(msg)
        if not self.names or len(set(self.names)) < len(self.names) or not set(self.angles) <= set(self.names):
            msg = f"objects need one or more different quantities, angles among them; received {self.names} and {self.angles}"
            raise DataError(msg)
        for name in self.angles:
            angle = self.column(name)[self.valid]
            far = np.abs(angle) > _FULL_TURNS
            if far.any():
                msg = f"{name!r} of an object is {angle[far][0]:g}; an angle is in rad: convert it, or leave it out of the angles"
                raise DataError(msg)

    @property
    def n(self) -> int:
        """Number of events."""
        return len(self.valid)

    @property
    def count(self) -> NDArray[np.int64]:
        """Objects of each event, shape (n,)."""
        return np.asarray(self.valid.sum(axis=1))

    def column(self, name: str) -> NDArray[np.floating[Any]]:
        """The quantity `name`, shape (n, slots)."""
        return self.values[:, :, self.names.index(name)]

    def select(self, rows: NDArray[Any] | slice) -> Self:
        """Those of the events that a mask, an index array or a slice picks."""
        return replace(self, values=self.values[rows], valid=self.valid[rows])

    def alike(self, other: Objects | None) -> bool:
        """Whether `other` has the same quantities; how many slots there are does not matter."""
        return other is not None and (self.names, self.angles) == (other.names, other.angles)

    def check_finite(self, what: str, rows: NDArray[np.bool_]) -> None:
        """Refuse another number of events than there are `rows`, and values of objects in the `rows` that are not finite."""
        if rows.shape != (self.n,):
            msg = f"objects of {what} are those of {self.n} events, expected {len(rows)}"
            raise DataError(msg)
        bad = np.argwhere(~np.isfinite(self.values).all(axis=2) & self.valid & rows[:, None])
        if bad.size:
            msg = f"object {bad[0][1]} of event row {bad[0][0]} of {what} has a value that is not finite; {len(bad)} objects have"
            raise DataError(msg)

    @classmethod
    def joined(cls, parts: Sequence[Objects]) -> Self:
        """Those of all events of `parts`, in order, with as many slots as the widest has.

        Raises
        ------
        DataError
            If quantities differ.
        """
        first, slots = parts[0], max(part.valid.shape[1] for part in parts)
        for part in parts[1:]:
            if not first.alike(part):
                msg = f"objects have {part.names}, angles {part.angles}, others {first.names}, {first.angles}: they must agree"
                raise DataError(msg)
        gaps = [(0, slots - part.valid.shape[1]) for part in parts]
        values = [np.pad(part.values, ((0, 0), gap, (0, 0))) for part, gap in zip(parts, gaps, strict=True)]
        valid = [np.pad(part.valid, ((0, 0), gap)) for part, gap in zip(parts, gaps, strict=True)]
        return cls(np.concatenate(values), np.concatenate(valid), first.names, first.angles)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything, for a file of arrays."""
        names = {"names": np.array(self.names), "angles": np.array(self.angles, dtype=str)}
        return {"values": self.values, "valid": self.valid, **names}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """What `arrays` were made from."""
        names, angles = (tuple(str(name) for name in arrays[key]) for key in ("names", "angles"))
        return cls(arrays["values"], arrays["valid"], names, angles)


def picked(objects: Objects | None, rows: NDArray[Any]) -> Objects | None:
    """Those of the events that a mask or an index array picks, if there are any."""
    return None if objects is None else objects.select(rows)
