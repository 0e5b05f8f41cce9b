"""What an event file holds: objects, how many of each, and the scale of every field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, Self

from l1ml.errors import SchemaError, nearest
from l1ml.hardware import GLOBAL_TRIGGER_SCALES, FixedPoint, HardwareScale
from l1ml.storage import digest_of

__all__ = ["GLOBAL_TRIGGER_SCHEMA", "LEVEL1_SCHEMA", "EventSchema", "Field", "ObjectSchema", "RealField"]


@dataclass(frozen=True, slots=True)
class Field:
    """One integer word of an object; its column in a file is called ``hw_<name>``."""

    name: str
    scale: HardwareScale

    @property
    def column(self) -> str:
        """Name of the column in `Events` and in files."""
        return f"hw_{self.name}"


@dataclass(frozen=True, slots=True)
class RealField:
    """One real quantity of an object, float32, as offline data and generators have them; its column carries its name."""

    name: str
    unit: str = ""

    @property
    def column(self) -> str:
        """Name of the column in `Events` and in files."""
        return self.name


@dataclass(frozen=True, slots=True)
class ObjectSchema:
    """A collection of up to `n_slots` objects of one kind, ordered by falling pt; empty slots are all zero.

    Parameters
    ----------
    name : str
        Such as "jet".
    n_slots : int
        Most objects of one event.
    fields : tuple of Field
        Integer words on their scales: what a trigger sees.
    reals : tuple of RealField
        Real quantities.
    slot_names : tuple of str
        Name of each slot where a slot means something of its own, such as the bit of one algorithm; else empty.
    grid : tuple of int
        Rows in phi and columns in eta where the slots are places of the detector, ``slot = columns * row + column``; else empty.
    """

    name: str
    n_slots: int
    fields: tuple[Field, ...]
    reals: tuple[RealField, ...] = ()
    slot_names: tuple[str, ...] = ()
    grid: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        columns = self.columns
        if self.n_slots < 1 or not columns or len(set(columns)) < len(columns):
            received = f"{self.n_slots} and {', '.join(columns) or 'none'}"
            msg = f"{self.name} needs one slot or more and columns with different names, received {received}"
            raise SchemaError(msg)
        if self.slot_names and len(set(self.slot_names)) != self.n_slots:
            msg = f"{self.name} has {self.n_slots} slots, received {len(set(self.slot_names))} different names for them"
            raise SchemaError(msg)
        if self.grid and (len(self.grid) != 2 or prod(self.grid) != self.n_slots):
            msg = f"{self.name} has {self.n_slots} slots, received a grid of {' x '.join(map(str, self.grid))}"
            raise SchemaError(msg)

    def slot(self, name: str) -> int:
        """Slot called `name`.

        Raises
        ------
        SchemaError
            If no slot has that name.
        """
        if name not in self.slot_names:
            msg = f"{self.name} has no slot {name!r}; {nearest(name, self.slot_names)}"
            raise SchemaError(msg)
        return self.slot_names.index(name)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns, words first."""
        return (*(item.column for item in self.fields), *(item.column for item in self.reals))

    @property
    def energy(self) -> Field | None:
        """What the energy scale multiplies: the pt of an object, the et of a place of the calorimeter; None if it has neither."""
        return next((item for item in self.fields if item.name in {"pt", "et"}), None)

    def field(self, name: str) -> Field:
        """The field called `name`.

        Raises
        ------
        SchemaError
            If the object has no such field.
        """
        for field in self.fields:
            if field.name == name:
                return field
        msg = f"{self.name} has no field {name!r}; it has {', '.join(field.name for field in self.fields)}"
        raise SchemaError(msg)


@dataclass(frozen=True)
class EventSchema:
    """The objects of one event, in the order in which a network reads them.

    Parameters
    ----------
    name : str
        Such as "level1".
    version : int
        Version of what the name means.
    objects : tuple of ObjectSchema
        What an event holds.
    inputs : tuple of str
        Names of the objects that a network reads where it does not read all of them; the others are there for menus.
    """

    name: str
    version: int
    objects: tuple[ObjectSchema, ...]
    inputs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.inputs:
            self.object(name)

    @cached_property
    def read(self) -> tuple[ObjectSchema, ...]:
        """The objects that a network reads."""
        return tuple(item for item in self.objects if item.name in self.inputs) if self.inputs else self.objects

    @cached_property
    def digest(self) -> str:
        """SHA-256 of names, multiplicities and scales: two files with one digest mean the same words."""
        return digest_of(self.to_dict())

    @cached_property
    def features(self) -> tuple[str, ...]:
        """Names of the words such as ``jet_0_pt``: object by object, slot by slot, field by field."""
        return tuple(f"{schema.name}_{slot}_{field.name}" for schema, slot, field in self._columns())

    @cached_property
    def feature_scales(self) -> tuple[HardwareScale, ...]:
        """Scale of each feature."""
        return tuple(field.scale for _, _, field in self._columns())

    @cached_property
    def feature_formats(self) -> tuple[FixedPoint, ...]:
        """Integer number format of each feature, as the word stands on the link."""
        return tuple(scale.format for scale in self.feature_scales)

    def object(self, name: str) -> ObjectSchema:
        """The collection called `name`.

        Raises
        ------
        SchemaError
            If the schema has no such collection.
        """
        for schema in self.objects:
            if schema.name == name:
                return schema
        msg = f"schema {self.name!r} has no object {name!r}; it has {', '.join(item.name for item in self.objects)}"
        raise SchemaError(msg)

    def _columns(self) -> Iterator[tuple[ObjectSchema, int, Field]]:
        for schema in self.read:
            for slot in range(schema.n_slots):
                for field in schema.fields:
                    yield schema, slot, field

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        content = {"name": self.name, "version": self.version, "objects": [_object_to_dict(item) for item in self.objects]}
        return content | ({"inputs": list(self.inputs)} if self.inputs else {})

    def to_json(self) -> str:
        """The schema as JSON, as it stands inside an event file."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Schema from the JSON inside an event file.

        Raises
        ------
        SchemaError
            If the text is not a schema.
        """
        try:
            content = json.loads(text)
            objects = tuple(_object_from(item) for item in content["objects"])
            return cls(content["name"], content["version"], objects, tuple(content.get("inputs", ())))
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            msg = f"not an event schema: {error!r}"
            raise SchemaError(msg) from error


def _object_to_dict(item: ObjectSchema) -> dict[str, Any]:
    """Plain values of one object; those of words alone are what they were before there were real quantities."""
    content: dict[str, Any] = {
        "name": item.name,
        "n_slots": item.n_slots,
        "fields": {field.name: field.scale.to_dict() for field in item.fields},
    }
    content |= {"reals": {real.name: real.unit for real in item.reals}} if item.reals else {}
    content |= {"slot_names": list(item.slot_names)} if item.slot_names else {}
    return content | ({"grid": list(item.grid)} if item.grid else {})


def _object_from(content: Mapping[str, Any]) -> ObjectSchema:
    """One object schema from its JSON form."""
    fields = tuple(Field(name, HardwareScale(**scale)) for name, scale in content["fields"].items())
    reals = tuple(RealField(name, unit) for name, unit in content.get("reals", {}).items())
    names, grid = tuple(content.get("slot_names", ())), tuple(content.get("grid", ()))
    return ObjectSchema(content["name"], content["n_slots"], fields, reals, names, grid)


def _global_trigger_object(name: str, n_slots: int) -> ObjectSchema:
    """`n_slots` objects on the scales of the Global Trigger."""
    return ObjectSchema(name, n_slots, tuple(Field(key, scale) for key, scale in GLOBAL_TRIGGER_SCALES[name].items()))


LEVEL1_SCHEMA = EventSchema(
    "level1",
    1,
    (
        _global_trigger_object("met", 1),
        _global_trigger_object("egamma", 4),
        _global_trigger_object("muon", 4),
        _global_trigger_object("jet", 10),
    ),
)
"""1 MET, 4 e/gamma, 4 muons, 10 jets x (pt, eta, phi): the 57 words of the published anomaly triggers."""


def _with_codes(name: str, n_slots: int, **widths: int) -> ObjectSchema:
    """`n_slots` objects with pt, eta and phi, and plain numbers of so many bits."""
    codes = tuple(Field(key, HardwareScale(1.0, width)) for key, width in widths.items())
    return ObjectSchema(name, n_slots, (*_global_trigger_object(name, n_slots).fields, *codes))


def _sum(name: str, *fields: str) -> ObjectSchema:
    """A sum over the calorimeter: no eta."""
    return ObjectSchema(name, 1, tuple(Field(key, GLOBAL_TRIGGER_SCALES["met"][key]) for key in fields))


GLOBAL_TRIGGER_SCHEMA = EventSchema(
    "global_trigger",
    1,
    (
        _with_codes("muon", 8, charge=1, charge_valid=1, quality=4, isolation=2, index=7),
        _with_codes("egamma", 12, isolation=2),
        ObjectSchema(
            "tau",
            12,
            (*_global_trigger_object("egamma", 12).fields, Field("isolation", HardwareScale(1.0, 2))),
        ),
        _global_trigger_object("jet", 12),
        _sum("ett", "pt"),
        _sum("ettem", "pt"),
        _sum("htt", "pt"),
        *(_sum(name, "pt", "phi") for name in ("etm", "htm", "etmhf", "htmhf")),
        ObjectSchema("towercount", 1, (Field("count", HardwareScale(1.0, 13)),)),
    ),
)
"""What the Global Trigger receives of muons and calorimeters, with the names, widths and slots of `l1ml.hardware.ugt_layouts`.

Not there, because nothing generates it: unconstrained pt and impact parameter of muons, muon showers, displaced jets, forward
minimum-bias bits, asymmetries, centrality. ``etmhf`` is the ``met`` of `LEVEL1_SCHEMA`.
"""
