"""What goes into an unfolding: simulated pairs of a generated and a reconstructed event, and measured events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from offline.unfolding.objects import Objects, picked

__all__ = ["BoolArray", "FloatArray", "IdentityArray", "Measured", "Simulation", "check_weight"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IdentityArray = NDArray[np.uint64]


def _check_level(name: str, values: FloatArray, names: tuple[str, ...], rows: BoolArray) -> None:
    """Refuse quantities of another shape than (n, number of names), without any event, or not finite in the `rows` that count."""
    if values.shape != (rows.size, len(names)) or not names:
        msg = f"{name} has the shape {values.shape}, expected {(rows.size, len(names))}: one column for each of {list(names)}"
        raise DataError(msg)
    if len(set(names)) != len(names):
        msg = f"quantities of {name} must have different names, received {list(names)}"
        raise DataError(msg)
    if not rows.any():
        msg = f"no event of {name} passes its selection: nothing to unfold with"
        raise DataError(msg)
    bad = np.argwhere(~np.isfinite(values) & rows[:, None])
    if bad.size:
        row, column = bad[0]
        msg = (
            f"{name} {names[column]!r} of event row {row} is {values[row, column]}; {len(bad)} values are not finite: "
            "leave such events out, or mark them as not passing"
        )
        raise DataError(msg)


def check_weight(name: str, weight: FloatArray, n: int) -> None:
    """Refuse weights of another number, not finite, or with a total that is not positive."""
    if weight.shape != (n,):
        msg = f"weights of {name} have the shape {weight.shape}, expected {(n,)}"
        raise DataError(msg)
    if not np.isfinite(weight).all():
        msg = f"{int((~np.isfinite(weight)).sum())} weights of {name} are not finite"
        raise DataError(msg)
    if not weight.sum() > 0:
        msg = f"the weights of {name} add up to {weight.sum():g}; their total must be positive"
        raise DataError(msg)


@dataclass(frozen=True, eq=False)
class Measured:
    """Events as the detector saw them.

    Parameters
    ----------
    reco : ndarray of float64, shape (n, d)
        Reconstructed quantities.
    weight : ndarray of float64, shape (n,)
        Weight of each event; negative for background that is subtracted. Its total is the measured yield.
    event : ndarray of uint64, shape (n,)
        Identity of each event: decides splits and bootstraps, wherever it stands in a file.
    names : tuple of str
        Names of the `d` quantities.
    objects : Objects, optional
        All objects of each event, beside these quantities.

    Raises
    ------
    DataError
        If shapes disagree, a value is not finite, there is no event, or the total weight is not positive.
    """

    reco: FloatArray
    weight: FloatArray
    event: IdentityArray
    names: tuple[str, ...]
    objects: Objects | None = None

    def __post_init__(self) -> None:
        everything = np.ones(len(self.event), np.bool_)
        _check_level("measured data", self.reco, self.names, everything)
        check_weight("measured data", self.weight, self.n)
        if self.objects is not None:
            self.objects.check_finite("measured data", everything)

    @property
    def n(self) -> int:
        """Number of events."""
        return len(self.event)

    def select(self, rows: NDArray[Any]) -> Self:
        """The events that a mask or an index array picks."""
        columns = {name: getattr(self, name)[rows] for name in ("reco", "weight", "event")}
        return replace(self, **columns, objects=picked(self.objects, rows))

    def reweighted(self, weight: FloatArray) -> Self:
        """The same events with other weights."""
        return replace(self, weight=weight)

    def columns_only(self) -> Self:
        """The same events, their objects forgotten."""
        return replace(self, objects=None)

    def without(self, background: Measured) -> Self:
        """These events and those of a simulated `background`, of the weight that it is expected with, subtracted.

        Raises
        ------
        DataError
            If the background has other quantities or objects, or more weight than there is data.
        """
        if background.names != self.names:
            msg = f"background has the quantities {list(background.names)}, data {list(self.names)}: they must be the same"
            raise DataError(msg)
        sets = [sample.objects for sample in (self, background) if sample.objects is not None]
        if len(sets) == 1:
            msg = "of data and background one alone has objects: both must have them, or none"
            raise DataError(msg)
        return replace(
            self,
            objects=Objects.joined(sets) if sets else None,
            reco=np.concatenate([self.reco, background.reco]),
            weight=np.concatenate([self.weight, -background.weight]),
            event=np.concatenate([self.event, background.event]),
        )


@dataclass(frozen=True, eq=False)
class Simulation:
    """Simulated events at both levels.

    Parameters
    ----------
    gen, reco : ndarray of float64, shape (n, d_gen) and (n, d_reco)
        Generated and reconstructed quantities; what stands in the rows of a level that does not pass is never looked at.
    weight : ndarray of float64, shape (n,)
        Weight of each event at generation, negative ones included.
    pass_gen, pass_reco : ndarray of bool, shape (n,)
        Whether an event passes the selection of a level. A *miss* passes at generation only, a *fake* at reconstruction only.
    event : ndarray of uint64, shape (n,)
        Identity of each event.
    gen_names, reco_names : tuple of str
        Names of the quantities.
    gen_objects, reco_objects : Objects, optional
        All objects of each event at a level, beside its quantities; an event that passes may have none.

    Raises
    ------
    DataError
        If shapes disagree, a value that counts is not finite, no event passes both levels, or the weights that pass a level do
        not add up to a positive number.
    """

    gen: FloatArray
    reco: FloatArray
    weight: FloatArray
    pass_gen: BoolArray
    pass_reco: BoolArray
    event: IdentityArray
    gen_names: tuple[str, ...]
    reco_names: tuple[str, ...]
    gen_objects: Objects | None = None
    reco_objects: Objects | None = None

    def __post_init__(self) -> None:
        for name, mask in (("pass_gen", self.pass_gen), ("pass_reco", self.pass_reco)):
            if mask.shape != (self.n,) or mask.dtype != np.bool_:
                msg = f"{name} has the shape {mask.shape} and the type {mask.dtype}, expected bool of {(self.n,)}"
                raise DataError(msg)
        _check_level("simulated gen", self.gen, self.gen_names, self.pass_gen)
        _check_level("simulated reco", self.reco, self.reco_names, self.pass_reco)
        for level, objects, rows in (("gen", self.gen_objects, self.pass_gen), ("reco", self.reco_objects, self.pass_reco)):
            if objects is not None:
                objects.check_finite(f"simulated {level}", rows)
        if not (self.pass_gen & self.pass_reco).any():
            msg = "no simulated event passes at both levels: there is no response to unfold with"
            raise DataError(msg)
        check_weight("simulation", self.weight, self.n)
        check_weight("simulation that pass at generation", self.weight[self.pass_gen], int(self.pass_gen.sum()))
        check_weight("simulation that pass at reconstruction", self.weight[self.pass_reco], int(self.pass_reco.sum()))

    @property
    def n(self) -> int:
        """Number of events, misses and fakes included."""
        return len(self.event)

    @property
    def pass_both(self) -> BoolArray:
        """Events of which both levels are known, shape (n,)."""
        return self.pass_gen & self.pass_reco

    def select(self, rows: NDArray[Any]) -> Self:
        """The events that a mask or an index array picks."""
        columns = {name: getattr(self, name)[rows] for name in ("gen", "reco", "weight", "pass_gen", "pass_reco", "event")}
        gen, reco = (picked(objects, rows) for objects in (self.gen_objects, self.reco_objects))
        return replace(self, **columns, gen_objects=gen, reco_objects=reco)

    def columns_only(self) -> Self:
        """The same events, their objects forgotten."""
        return replace(self, gen_objects=None, reco_objects=None)

    def reweighted(self, weight: FloatArray) -> Self:
        """The same events with other weights."""
        return replace(self, weight=weight)

    def measured(self) -> Measured:
        """What a detector would have seen of these events: a stand-in for data, for closure tests."""
        seen = self.pass_reco
        objects = picked(self.reco_objects, seen)
        return Measured(self.reco[seen], self.weight[seen], self.event[seen], self.reco_names, objects)
