"""A number of each crossing, named by a text: a property of one object, or the mass of two."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.errors import ConfigError, DataError

__all__ = ["CrossingQuantity"]

_OBJECT = r"([a-z_]\w*)(?:\[(\d+)\])?"
_PROPERTY = re.compile(rf"{_OBJECT}\.([a-z_]\w*)")
_MASS = re.compile(rf"mass\({_OBJECT},\s*{_OBJECT}\)")


@dataclass(frozen=True, slots=True)
class CrossingQuantity:
    """What a text such as ``met.pt``, ``jet[0].pt`` or ``mass(muon[0], muon[1])`` stands for.

    Parameters
    ----------
    objects : tuple of (str, int)
        Collection and slot, counted from zero by falling pt.
    name : str
        Field of the one object; ``mass`` of two, in GeV, as if they had none of their own.
    """

    objects: tuple[tuple[str, int], ...]
    name: str

    @classmethod
    def parse(cls, text: str) -> CrossingQuantity:
        """The quantity that `text` names.

        Raises
        ------
        ConfigError
            If it is none.
        """
        if match := _PROPERTY.fullmatch(text):
            return cls(((match[1], int(match[2] or 0)),), match[3])
        if match := _MASS.fullmatch(text):
            pair = (match[1], int(match[2] or 0)), (match[3], int(match[4] or 0))
            if pair[0] != pair[1]:
                return cls(pair, "mass")
        msg = f"{text!r} is no quantity: write jet[0].pt, met.pt or mass(muon[0], muon[1]), slots counted from zero"
        raise ConfigError(msg)

    def of(self, events: Events) -> NDArray[np.float64]:
        """The quantity of each crossing, shape (n,), in GeV or what its scale says; -inf where an object is not there.

        Raises
        ------
        SchemaError
            If the events have no such object or field.
        DataError
            If the collection has fewer slots.
        """
        there = np.logical_and.reduce([self._there(events, *item) for item in self.objects])
        if len(self.objects) == 1:
            values = self._field(events, *self.objects[0], self.name)
        else:
            (pt, eta, phi), (other_pt, other_eta, other_phi) = (
                [self._field(events, *item, name) for name in ("pt", "eta", "phi")] for item in self.objects
            )
            values = np.sqrt(np.maximum(2 * pt * other_pt * (np.cosh(eta - other_eta) - np.cos(phi - other_phi)), 0))
        return np.where(there, values, -np.inf)

    @staticmethod
    def _there(events: Events, collection: str, slot: int) -> NDArray[np.bool_]:
        n_slots = events.schema.object(collection).n_slots
        if slot >= n_slots:
            msg = f"{collection} has {n_slots} slots, counted from zero: there is no {collection}[{slot}]"
            raise DataError(msg)
        return events.valid(collection)[:, slot]

    @staticmethod
    def _field(events: Events, collection: str, slot: int, name: str) -> NDArray[np.float64]:
        schema = events.schema.object(collection)
        columns = events.collections[collection]
        if name in columns:  # a real quantity
            return columns[name][:, slot].astype(np.float64)
        field = schema.field(name)
        return field.scale.to_physical(columns[field.column][:, slot])
