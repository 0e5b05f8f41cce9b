from __future__ import annotations

import re

import shell_toy

from l1ml.conversion.shell_fields import _COLLECTIONS
from l1ml.data import LEVEL1_SCHEMA
from l1ml.data.ugt_crossings import N_CROSSINGS
from l1ml.hardware.ugt_layouts import UgtLayout, ugt_layout
from l1ml.trigger.conditions.columns import event_collection

PACKAGE = shell_toy.FIRMWARE / "global_trigger" / "ugt_words_2024.sv"


def numbers(text: str) -> dict[str, int]:
    """Every constant of a package; nothing but constants and comments may be in it."""
    code = re.sub(r"//.*|`timescale.*", "", text)
    head, *declarations, tail = [part.strip() for part in code.split(";")]
    assert (head, tail) == ("package ugt_words_2024", "endpackage")
    found: dict[str, int] = {}
    for declaration in declarations:
        assert declaration.startswith("localparam int ")
        for item in declaration.removeprefix("localparam int ").split(","):
            name, value = item.split("=")
            assert name.strip() not in found
            found[name.strip()] = int(value)
    return found


def expected(layout: UgtLayout) -> dict[str, int]:
    """The same constants by the layout that Python reads vector files with."""
    constants, base = {}, 0
    for column in layout.columns:
        name, n_bits = column.name.upper(), column.layout.n_bits
        constants |= {f"{name}_BASE": base, f"{name}_WORDS": column.n_words, f"{name}_BITS": n_bits}
        for field in column.layout.fields:
            place = {"LOW": field.low, "BITS": field.width, "SIGNED": int(field.signed)}
            constants |= {f"{name}_{field.name}_{key}".upper(): value for key, value in place.items()}
        base += column.n_words * n_bits
    return {**constants, "CROSSING_BITS": base, "BX_BITS": (N_CROSSINGS - 1).bit_length()}


def test_every_constant_is_that_of_the_layout() -> None:
    assert numbers(PACKAGE.read_text(encoding="utf-8")) == expected(ugt_layout("2024"))


def test_the_words_of_2025_are_those_of_2024() -> None:
    assert expected(ugt_layout("2025")) == expected(ugt_layout("2024"))


def test_objects_of_the_events_are_read_as_menus_read_them() -> None:
    names = [item.name for item in LEVEL1_SCHEMA.objects]
    assert [_COLLECTIONS.get(name, name) for name in names] == [event_collection(name) for name in names]
