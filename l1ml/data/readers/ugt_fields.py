"""Fields of the Global Trigger's objects by name, whatever the era: the newest layout that has them says width and scale."""

from __future__ import annotations

from functools import cache

from l1ml.data.readers.ugt_vectors import ugt_schema
from l1ml.data.schema import EventSchema, Field
from l1ml.errors import SchemaError
from l1ml.hardware.ugt_layouts import UGT_LAYOUTS

__all__ = ["ugt_field", "ugt_slots"]


def ugt_field(item: str, name: str) -> Field:
    """Field `name` of the object `item`.

    Raises
    ------
    SchemaError
        If no era has it.

    Examples
    --------
    >>> ugt_field("egamma", "pt").scale
    HardwareScale(lsb=0.5, n_bits=9, signed=False, unit='GeV', offset=0)
    >>> ugt_field("muon", "eta_out").scale.n_bits
    9
    """
    for schema in _newest_first():
        for field in schema.object(item).fields if _has(schema, item) else ():
            if field.name == name:
                return field
    msg = f"no era of the Global Trigger has {item}/{name}"
    raise SchemaError(msg)


def ugt_slots(item: str) -> int:
    """How many objects `item` of one crossing reach the Global Trigger today."""
    return next(schema.object(item).n_slots for schema in _newest_first() if _has(schema, item))


@cache
def _newest_first() -> tuple[EventSchema, ...]:
    return tuple(ugt_schema(era) for era in reversed(list(UGT_LAYOUTS)))


def _has(schema: EventSchema, item: str) -> bool:
    return any(known.name == item for known in schema.objects)
