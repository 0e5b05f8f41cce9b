"""All pairs of slots of two collections over a block of crossings: formed once for all conditions that cut on them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.conditions.columns import COLLECTIONS, Columns
from l1ml.trigger.conditions.pairs import CHARGE_CODES, Pair, Particle
from l1ml.trigger.conditions.quantities import Quantity
from l1ml.trigger.menus.requirements import CorrelationCut, ObjectRequirement

__all__ = ["Block", "PairGrid", "Place", "between", "limits", "place_of"]

Mask = NDArray[np.bool_]
Slots = NDArray[np.intp]
Values = NDArray[np.integer[Any]]

Place: TypeAlias = tuple[str, int]
"""Collection and crossing, relative to the decision, of an object."""

_FEW = 3
_SPARSE = 24
"""Fewer than one in so many pairs is better taken one by one."""


def place_of(requirement: ObjectRequirement) -> Place:
    """Where the object of a requirement is."""
    return COLLECTIONS[requirement.object], requirement.bx_offset


def limits(cut: CorrelationCut, precision: int) -> tuple[int, int]:
    """Inclusive limits of `cut` for integers of `precision` decimal digits, finer or coarser than those of the cut.

    Examples
    --------
    >>> limits(CorrelationCut("dr", "DR", 3, 17, 1), 2), limits(CorrelationCut("dr", "DR", 3, 17, 1), 0)
    ((30, 170), (1, 1))
    """
    if precision >= cut.precision:
        scale = 10 ** (precision - cut.precision)
        return cut.minimum * scale, cut.maximum * scale
    scale = 10 ** (cut.precision - precision)
    return -(-cut.minimum // scale), cut.maximum // scale


def between(values: Values, minimum: int, maximum: int, highest: int) -> Mask:
    """``minimum <= values <= maximum``, where no value is above `highest`: many cuts have no upper limit that is ever reached."""
    if minimum > highest:
        return np.zeros(values.shape, dtype=np.bool_)
    result = np.asarray(values >= minimum)
    if maximum < highest:
        result &= values <= maximum
    return result


@dataclass(frozen=True, slots=True)
class PairGrid:
    """Pairs of slots over the crossings of a block.

    Parameters
    ----------
    pair : Pair
        The objects: of all pairs in all crossings, or only of those at `where`.
    first, second : int arrays, shape (pairs,)
        Slots of each pair.
    once : bool
        Whether each pair of objects is listed once, though its objects may be asked for in either order.
    shape : tuple of int
        Pairs and crossings.
    where : int array, optional
        Places of the flattened grid that hold two candidates, if these are few: only there the quantities are formed.
    """

    pair: Pair
    first: Slots
    second: Slots
    once: bool
    shape: tuple[int, int]
    where: Slots | None = None
    _values: dict[Hashable, Values] = field(default_factory=dict, init=False, repr=False)
    _highest: dict[Hashable, int] = field(default_factory=dict, init=False, repr=False)

    def selected(self, first: Mask, second: Mask) -> Mask:
        """Pairs of an object that passes `first` and one that passes `second`, shape (pairs, crossings)."""
        result = first[self.first] & second[self.second]
        if self.once and first is not second:
            result |= second[self.first] & first[self.second]
        return np.asarray(result)

    def values(self, quantity: Quantity) -> Values:
        """The quantity of each pair, shape (pairs, crossings); 0 where there is no pair of candidates, if these are few."""
        if quantity.values not in self._values:
            values = quantity.values(self.pair)
            self._highest[quantity.values] = int(values.max(initial=0))
            if self.where is not None:
                found, values = values, np.zeros(self.shape, dtype=values.dtype)
                values.reshape(-1)[self.where] = found
            self._values[quantity.values] = values
        return self._values[quantity.values]

    def inside(self, cut: CorrelationCut, quantity: Quantity, where: Slots | slice = slice(None)) -> Mask:
        """Whether the quantity lies in the range of `cut`, for all pairs or for the places `where` of the flattened grid."""
        values = self.values(quantity)
        highest = self._highest[quantity.values]
        values = values if isinstance(where, slice) else values.reshape(-1).take(where)
        if cut.kind == "charge":
            return np.asarray(values == CHARGE_CODES[cut.text])
        minimum, maximum = limits(cut, quantity.precision(self.pair.geometry))
        return between(values, minimum, maximum, highest)

    def crossings(self, selected: Mask, cuts: Iterable[tuple[CorrelationCut, Quantity]]) -> Mask:
        """Crossings with a selected pair that is inside of all `cuts`; where few pairs are left, only they are asked."""
        where: Slots | slice = slice(None)
        for cut, quantity in cuts:
            if isinstance(where, slice) and np.count_nonzero(selected) * _SPARSE < selected.size:
                where = np.flatnonzero(selected)
            inside = self.inside(cut, quantity, where)
            if isinstance(where, slice):
                selected &= inside
            else:
                where = where[inside]
        if isinstance(where, slice):
            return np.asarray(selected.any(axis=0))
        result = np.zeros(selected.shape[1], dtype=np.bool_)
        result[where % len(result)] = True
        return result


@dataclass(frozen=True, slots=True)
class Block:
    """Some crossings, and the objects in them that any condition asks for.

    Parameters
    ----------
    columns : Columns
        All crossings.
    rows : slice or int array
        Those of the block.
    candidates : mapping of bool arrays, shape (slots, crossings of the block)
        Objects of each place that pass a requirement; all others read as zeros.
    """

    columns: Columns
    rows: slice | Slots
    candidates: Mapping[Place, Mask]
    _grids: dict[tuple[Place, Place, bool], PairGrid] = field(default_factory=dict, init=False, repr=False)
    _words: dict[tuple[Place, str], Values] = field(default_factory=dict, init=False, repr=False)
    _kept: dict[Hashable, NDArray[np.uint16]] = field(default_factory=dict, init=False, repr=False)

    def words(self, place: Place, name: str) -> Values:
        """Words of a field at a place, shape (slots, crossings)."""
        key = (place, name)
        if key not in self._words:
            collection, offset = place
            column = self.columns.seen(self.columns.field(collection, name), offset)
            self._words[key] = column[:, self.rows] * self.candidates[place]
        return self._words[key]

    def kept(self, key: Hashable, make: Callable[[], NDArray[np.uint16]]) -> NDArray[np.uint16]:
        """What `make` returns, made once for `key`."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def grid(self, first: Place, second: Place, *, once: bool) -> PairGrid:
        """Pairs of slots that hold candidates: of two different objects, each pair `once`, or of all with all.

        Parameters
        ----------
        first, second : Place
            Where the objects are.
        once : bool
            For two objects of one place: leave out pairs of an object with itself, and list each other pair once.
        """
        key = (first, second, once)
        if key not in self._grids:
            self._grids[key] = self._made(first, second, once=once)
        return self._grids[key]

    def _made(self, first: Place, second: Place, *, once: bool) -> PairGrid:
        used, others = (np.flatnonzero(self.candidates[place].any(axis=1)) for place in (first, second))
        if once:
            one, two = (used[index] for index in np.triu_indices(len(used), k=1))
        else:
            one, two = np.repeat(used, len(others)), np.tile(others, len(used))
        held = self.candidates[first][one] & self.candidates[second][two]
        if np.count_nonzero(held) * _FEW >= held.size:
            sides = [self._particle(place, slots, flat=False) for place, slots in ((first, one), (second, two))]
            return PairGrid(Pair.of(*sides), one, two, once, held.shape)
        where = np.flatnonzero(held)
        sides = [self._particle(place, _flat(where, slots, held), flat=True) for place, slots in ((first, one), (second, two))]
        return PairGrid(Pair.of(*sides), one, two, once, held.shape, where)

    def _particle(self, place: Place, taken: Slots, *, flat: bool) -> Particle:
        """Objects of some slots in all crossings, or those at places of the `flat` collection."""
        axis = None if flat else 0
        return Particle(place[0], lambda name: self.words(place, name), lambda words: words.take(taken, axis=axis))


def _flat(where: Slots, slots: Slots, held: Mask) -> Slots:
    """Places in a flattened collection of the objects at `where` in the flattened grid of pairs with the `slots`."""
    shift = (slots - np.arange(len(slots))) * held.shape[1]
    return np.asarray(where + np.repeat(shift, np.count_nonzero(held, axis=1)))
