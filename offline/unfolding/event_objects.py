"""Collections of event files: quantities of all their objects, and sets of these for an unfolding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from l1ml.data.events import Events
from l1ml.errors import ConfigError, SchemaError, nearest
from offline.unfolding.objects import Objects
from offline.unfolding.sample import FloatArray

__all__ = ["ObjectQuantities", "check_collection", "objects_of", "quantity_of"]


@dataclass(frozen=True, slots=True)
class ObjectQuantities:
    """Which quantities of which collections make the sets of objects of the two levels.

    Parameters
    ----------
    gen, reco : tuple of str
        Quantities of each object; at reconstruction the same ones without a word about them.
    angles : tuple of str
        Those that are angles in rad.
    gen_collection, reco_collection : str
        Collections, all of whose objects count.

    Raises
    ------
    ConfigError
        If there is no quantity, one is named twice, or an angle is none of them.
    """

    gen: tuple[str, ...]
    reco: tuple[str, ...] = ()
    angles: tuple[str, ...] = ()
    gen_collection: str = "gen_particle"
    reco_collection: str = "reco_particle"

    def __post_init__(self) -> None:
        for level, names in (("gen", self.gen), ("reco", self.reco_names)):
            if not names or len(set(names)) < len(names):
                msg = f"objects.{level} needs one or more different names, received {list(names)}"
                raise ConfigError(msg)
        for name in self.angles:
            if name not in (known := (*self.gen, *self.reco)):
                msg = f"objects.angles has {name!r}, which is no quantity of an object; {nearest(name, known)}"
                raise ConfigError(msg)

    @property
    def reco_names(self) -> tuple[str, ...]:
        """Quantities at reconstruction."""
        return self.reco or self.gen

    def gen_objects(self, events: Events) -> Objects:
        """Sets of the generated level; raises as `objects_of`."""
        return objects_of(events, self.gen_collection, self.gen, self.angles)

    def reco_objects(self, events: Events) -> Objects:
        """Sets of the reconstructed level; raises as `objects_of`."""
        return objects_of(events, self.reco_collection, self.reco_names, self.angles)


def objects_of(events: Events, collection: str, names: Sequence[str], angles: Sequence[str] = ()) -> Objects:
    """All objects of a `collection` with the quantities `names`, of which some are `angles`.

    Raises
    ------
    SchemaError
        If the collection or a quantity is missing.
    DataError
        As `Objects`.
    """
    check_collection(events, collection)
    values = np.stack([quantity_of(events, collection, name) for name in names], axis=2)
    return Objects(
        values.astype(np.float32), events.valid(collection), tuple(names), tuple(name for name in names if name in angles)
    )


def check_collection(events: Events, collection: str) -> None:
    """Refuse events without `collection`."""
    if collection not in events.collections:
        msg = f"events have no collection {collection!r}; {nearest(collection, events.collections)}"
        raise SchemaError(msg)


def quantity_of(events: Events, collection: str, name: str) -> FloatArray:
    """One quantity of all objects, shape (n, slots).

    Where it is not there, ``pt`` follows from the word ``hw_pt`` and its scale, and ``rapidity`` from pt, eta and mass.

    Raises
    ------
    SchemaError
        If there is none of that name.
    """
    columns = events.collections[collection]
    if name in columns:
        return columns[name].astype(np.float64)
    if f"hw_{name}" in columns:
        return events.schema.object(collection).field(name).scale.to_physical(columns[f"hw_{name}"])
    if name == "rapidity" and {"pt", "eta", "mass"} <= columns.keys():
        pt, eta, mass = (columns[key].astype(np.float64) for key in ("pt", "eta", "mass"))
        transverse_mass = np.hypot(pt, mass)
        stretch = np.divide(pt, transverse_mass, out=np.ones_like(pt), where=transverse_mass > 0)
        return np.asarray(np.arcsinh(np.sinh(eta) * stretch))
    msg = f"unknown quantity {name!r} of {collection}; {nearest(name, [*columns, 'rapidity'])}"
    raise SchemaError(msg)
