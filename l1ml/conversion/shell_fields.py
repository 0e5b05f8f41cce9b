"""Words of a kernel as bits of a crossing, in the names of the packages in ``firmware/global_trigger``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from l1ml.errors import ConversionError, SchemaError
from l1ml.hardware import FixedPoint
from l1ml.hardware.ugt_layouts import Part, UgtLayout

__all__ = ["FieldWire", "field_wires"]

_COLLECTIONS = {"met": "etmhf"}
"""The missing energy of the events is that of all towers."""

_FEATURE = re.compile(r"(?P<collection>\w+)_(?P<slot>\d+)_(?P<field>[a-z]\w*)")


@dataclass(frozen=True, slots=True)
class FieldWire:
    """One word on the input port of a kernel, and the expression of its bits.

    Parameters
    ----------
    feature : str
        Name of the word, such as ``jet_3_pt``.
    low, width : int
        Its lowest bit on the port, and how many bits it has.
    bits : str
        SystemVerilog that reads them from ``crossing_in``.
    """

    feature: str
    low: int
    width: int
    bits: str


def field_wires(manifest: Mapping[str, Any], layout: UgtLayout, package: str) -> tuple[FieldWire, ...]:
    """Every input word of the project with `manifest`, as bits of the words of `layout`, by the constants of `package`.

    Raises
    ------
    SchemaError
        If a feature is no field of a word.
    ConversionError
        If a feature has another format than its field.
    """
    return tuple(_wire(word, layout, package) for word in manifest["input"]["words"])


def _wire(word: Mapping[str, Any], layout: UgtLayout, package: str) -> FieldWire:
    feature, low, width = str(word["feature"]), int(word["offset"]), int(word["width"])
    parts = _parts(feature, layout)
    if not parts:
        return FieldWire(feature, low, width, f"{width}'d0")
    _check_format(feature, width, FixedPoint.parse(word["format"]), parts, layout)
    bits = ", ".join(_bits(part, package) for part in parts)
    return FieldWire(feature, low, width, bits if len(parts) == 1 else f"{{{bits}}}")


def _parts(feature: str, layout: UgtLayout) -> list[Part]:
    """Where the bits of `feature` lie, most significant first; nowhere if it is the eta of a sum, which is always zero."""
    match = _FEATURE.fullmatch(feature)
    if match is None:
        msg = f"the shell reads features such as 'jet_3_pt' from the words of a crossing; received {feature!r}"
        raise SchemaError(msg)
    name, slot, field = _COLLECTIONS.get(match["collection"], match["collection"]), int(match["slot"]), match["field"]
    known = layout.objects.get(name)
    if known is not None and field == "eta" and "eta" not in known.fields:
        return []
    item = layout.object(name, field)
    if slot >= item.n_slots:
        msg = f"{feature!r}: the {layout.era} layout has {item.n_slots} of {name!r}, counted from 0"
        raise SchemaError(msg)
    return [Part(part.column, part.field, slot if part.slot is None else part.slot) for part in item.fields[field]]


def _check_format(feature: str, width: int, form: FixedPoint, parts: list[Part], layout: UgtLayout) -> None:
    """Refuse a word that is not the field bit by bit."""
    fields = [layout.column(part.column).layout.field(part.field) for part in parts]
    n_bits, signed = sum(field.width for field in fields), fields[0].signed
    if (width, form.width, form.fractional, form.signed) != (n_bits, n_bits, 0, signed):
        kind = "signed" if signed else "unsigned"
        msg = f"the kernel reads {feature!r} as {form} on {width} bits; the field has {n_bits} bits, {kind}, no fraction"
        raise ConversionError(msg)


def _bits(part: Part, package: str) -> str:
    """Bits of one part, by the names of the package."""
    column = f"{package}::{part.column.upper()}"
    field = f"{column}_{part.field.upper()}"
    return f"crossing_in[{column}_BASE + {part.slot} * {column}_BITS + {field}_LOW+:{field}_BITS]"
