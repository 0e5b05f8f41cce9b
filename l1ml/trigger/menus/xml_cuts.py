"""Cuts of an XML menu: physical limits to hardware values, as the menu library of the Global Trigger computes them."""

from __future__ import annotations

import math
from xml.etree.ElementTree import Element

from l1ml.errors import ConfigError, nearest
from l1ml.trigger.menus.expression import ConditionTerm
from l1ml.trigger.menus.object_types import split_object
from l1ml.trigger.menus.requirements import UNLIMITED, CorrelationCut, CorrelationKind, Cut, CutKind, Window
from l1ml.trigger.menus.xml_scales import ScaleSet, number_of, text_of

__all__ = ["correlation_from_xml", "object_cut_from_xml"]

_ON_A_SCALE: dict[str, CutKind] = {"ETA": "eta", "PHI": "phi", "UPT": "unconstrained_pt"}
_IN_WORDS: dict[str, CutKind] = {"INDEX": "index", "SLICE": "slice"}
_SCORES: dict[str, CutKind] = {"SCORE": "score", "ASCORE": "score", "CSCORE": "cicada_score"}
_TABLES: dict[str, CutKind] = {"QLTY": "quality", "ISO": "isolation", "IP": "impact", "DISP": "displaced"}
_TEXTS: dict[str, CutKind] = {"CHG": "charge", "MODEL": "model"}
_OBJECT_TYPES = (*_ON_A_SCALE, *_IN_WORDS, *_SCORES, *_TABLES, *_TEXTS)
_CICADA_FRACTION_BITS = 8
_INVERSE_DIGITS = 5
"""Decimal digits that the firmware's table of ``1 / dR ** 2`` adds to those of the mass."""

_CORRELATIONS: dict[str, tuple[CorrelationKind, str]] = {
    "DETA": ("deta", "Delta"),
    "DPHI": ("dphi", "Delta"),
    "DR": ("dr", "Delta"),
    "MASS": ("mass", "Mass"),
    "MASSUPT": ("mass_upt", "Mass"),
    "MASSDR": ("mass_over_dr", "Mass"),
    "TBPT": ("tbpt", "TwoBodyPt"),
    "ORMDETA": ("orm_deta", "Delta"),
    "ORMDPHI": ("orm_dphi", "Delta"),
    "ORMDR": ("orm_dr", "Delta"),
}
"""Kind of each type of cut, and the quantity whose precision it has."""


def object_cut_from_xml(element: Element, scales: ScaleSet) -> Cut:
    """Cut on one object in a ``<cut>``.

    Raises
    ------
    ConfigError
        On a type of cut that no object has, or a limit that is not on the edge of a bin.
    """
    name, kind = text_of(element, "name"), text_of(element, "type")
    if kind in _ON_A_SCALE:
        limits = scales.window(text_of(element, "object"), kind, number_of(element, "minimum"), number_of(element, "maximum"))
        return Cut(_ON_A_SCALE[kind], name, window=Window(*limits))
    if kind in _IN_WORDS:
        return Cut(_IN_WORDS[kind], name, window=Window(int(number_of(element, "minimum")), int(number_of(element, "maximum"))))
    if kind in _SCORES:
        unit = 1 << _CICADA_FRACTION_BITS if kind == "CSCORE" else 1
        return Cut(_SCORES[kind], name, window=Window(int(number_of(element, "minimum") * unit)))
    if kind in _TABLES:
        return Cut(_TABLES[kind], name, table=_table(name, text_of(element, "data")))
    if kind in _TEXTS:
        return Cut(_TEXTS[kind], name, text=text_of(element, "data"))
    msg = f"cut {name!r} has the unknown type {kind!r}; {nearest(kind, _OBJECT_TYPES)}"
    raise ConfigError(msg)


def correlation_from_xml(element: Element, term: ConditionTerm, scales: ScaleSet) -> CorrelationCut:
    """Cut between the objects of `term` in a ``<cut>``; the precision depends on the types of the objects.

    Raises
    ------
    ConfigError
        On a type of cut that no function has, or a precision that the scales do not state.

    Notes
    -----
    The firmware compares ``dR ** 2`` and ``mass ** 2 / 2``: there a lower limit is rounded down and an upper one up, in double
    precision; limits of deta and dphi are rounded to the nearest digit. The printed limits of the menu reports of 2018 to 2025
    are consistent with these rules.
    """
    name, kind = text_of(element, "name"), text_of(element, "type")
    if kind == "CHGCOR":
        return CorrelationCut("charge", name, text=text_of(element, "data"))
    if kind not in _CORRELATIONS:
        msg = f"cut {name!r} has the unknown type {kind!r}; {nearest(kind, ('CHGCOR', *_CORRELATIONS))}"
        raise ConfigError(msg)
    correlation, quantity = _CORRELATIONS[kind]
    types = [split_object(item.name).object for item in term.objects]
    precision = scales.precision(types[0], types[-1] if kind.startswith("ORM") else types[1], quantity)
    low, high = number_of(element, "minimum"), number_of(element, "maximum")
    precision += _INVERSE_DIGITS if kind == "MASSDR" else 0
    minimum, maximum = _limits(quantity, kind, low, high, 10**precision)
    return CorrelationCut(correlation, name, minimum, maximum, precision)


def _limits(quantity: str, kind: str, low: float, high: float, unit: int) -> tuple[int, int]:
    if kind == "MASSDR":
        return math.floor(low * low * 0.5 * unit), UNLIMITED
    if kind == "TBPT":
        return math.floor(low * low * unit), UNLIMITED
    if kind in {"DR", "ORMDR"}:
        return math.floor(low * low * unit), math.ceil(high * high * unit)
    if quantity == "Mass":
        return math.floor(low * low * 0.5 * unit), math.ceil(high * high * 0.5 * unit)
    return round(low * unit), round(high * unit)


def _table(name: str, data: str) -> int:
    """Set bits at the words of the list `data`."""
    try:
        return sum(1 << word for word in {int(word) for word in data.split(",")})
    except ValueError:
        msg = f"cut {name!r} needs a list of words such as 8,9,10, received {data!r}"
        raise ConfigError(msg) from None
