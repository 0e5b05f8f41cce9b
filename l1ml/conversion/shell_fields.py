"""Words of a kernel as bits of a crossing, by the constants of the packages in ``firmware/global_trigger``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from l1ml.errors import ConversionError, SchemaError
from l1ml.hardware import FixedPoint
from l1ml.hardware.ugt_layouts import Part, UgtLayout

__all__ = ["FieldWire", "field_wires", "word_wires"]

_COLLECTIONS = {"met": "etmhf"}
"""The missing energy of the events is that of all towers."""

_FEATURE = re.compile(r"(?P<collection>\w+)_(?P<slot>\d+)_(?P<field>[a-z]\w*)")


@dataclass(frozen=True, slots=True)
class FieldWire:
    """One word on the input port of a kernel, and where its bits lie in the words of a crossing.

    Parameters
    ----------
    feature : str
        Name of the word, such as ``jet_3_pt``.
    low, width : int
        Its lowest bit on the port, and how many bits it has.
    parts : tuple of Part
        Its bits, the most significant part first, each with its slot; nothing if the word is always zero.
    """

    feature: str
    low: int
    width: int
    parts: tuple[Part, ...]

    def verilog(self, package: str) -> str:
        """Assignment of the word, by the constants of `package` and the wires of `word_wires`."""
        fields = ((_wire_name(part), f"{package}::{f'{part.column}_{part.field}'.upper()}") for part in self.parts)
        bits = ", ".join(f"{wire}[{field}_LOW+:{field}_BITS]" for wire, field in fields)
        value = f"{{{bits}}}" if len(self.parts) > 1 else bits or f"{self.width}'d0"
        return f"assign words[{self.low}+:{self.width}] = {value};  // {self.feature}"


def field_wires(manifest: Mapping[str, Any], layout: UgtLayout) -> tuple[FieldWire, ...]:
    """Every input word of the project with `manifest`, as bits of the words of `layout`.

    Raises
    ------
    SchemaError
        If a feature is no field of a word.
    ConversionError
        If a feature has another format than its field.
    """
    return tuple(_field_wire(word, layout) for word in manifest["input"]["words"])


def word_wires(wires: Iterable[FieldWire], layout: UgtLayout, package: str) -> list[str]:
    """Declarations of the words of the crossing that `wires` read, each once, by the constants of `package`."""
    parts = {_wire_name(part): part for wire in wires for part in wire.parts}
    return [_word_wire(name, part, layout, package) for name, part in parts.items()]


def _word_wire(name: str, part: Part, layout: UgtLayout, package: str) -> str:
    high, column = layout.column(part.column).layout.n_bits - 1, f"{package}::{part.column.upper()}"
    return f"wire [{high}:0] {name} = crossing_in[{column}_BASE+{part.slot}*{column}_BITS+:{column}_BITS];"


def _field_wire(word: Mapping[str, Any], layout: UgtLayout) -> FieldWire:
    feature, width = str(word["feature"]), int(word["width"])
    parts = _parts(feature, layout)
    if parts:
        _check_format(feature, width, FixedPoint.parse(word["format"]), parts, layout)
    return FieldWire(feature, int(word["offset"]), width, tuple(parts))


def _wire_name(part: Part) -> str:
    """Name of the wire that carries the word of `part`."""
    return f"{part.column}_{part.slot}"


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
