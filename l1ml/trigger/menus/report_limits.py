"""One printed limit of a menu report, such as ``Eta: MU-ETA_2p0 [-2.006, 2.006] : [0x148, 0xb8]``, as a hardware value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from l1ml.errors import ConfigError, nearest
from l1ml.trigger.menus.requirements import UNLIMITED, CorrelationCut, CorrelationKind, Cut, CutKind, Window

__all__ = ["CutRange", "correlation_cut", "correlation_label", "object_limit", "scaled_integer"]

_THRESHOLDS = ("Threshold", "Count")
_WINDOWS: dict[str, CutKind] = {"Eta": "eta", "Phi": "phi", "Unconstrained Pt": "unconstrained_pt"}
_SCORES: dict[str, CutKind] = {"Score": "score", "AnomalyScore": "score", "CicadaScore": "cicada_score"}
_TABLES: dict[str, CutKind] = {"Quality": "quality", "Isolation": "isolation", "Impact Parameter": "impact"}
_TEXTS: dict[str, CutKind] = {"Charge": "charge", "Model": "model"}
_CORRELATIONS: dict[str, CorrelationKind] = {
    "Delta-Eta": "deta",
    "Delta-Phi": "dphi",
    "Delta-R": "dr",
    "Mass": "mass",
    "Mass unconstrained Pt": "mass_upt",
    "Mass/DeltaR": "mass_over_dr",
    "TwoBodyPt": "tbpt",
    "ORM-Delta-Eta": "orm_deta",
    "ORM-Delta-Phi": "orm_dphi",
    "ORM-Delta-R": "orm_dr",
    # spelled so by tm-reporter
    "Charge Correaltion": "charge",
}
_ETA_BITS = {"MU": 9}
_CALORIMETER_ETA_BITS = 8
_LABELS = (*_THRESHOLDS, *_WINDOWS, *_SCORES, *_TABLES, *_TEXTS, "Index", "Slice", "Displaced", *_CORRELATIONS)


@dataclass(frozen=True, slots=True)
class CutRange:
    """Limits of one cut in the table at the end of the report, as printed; empty where there is none."""

    minimum: str
    maximum: str


def correlation_label(text: str) -> str | None:
    """Label of a limit between objects, or None if `text` does not begin with one."""
    label = text.partition(":")[0]
    return label if label in _CORRELATIONS else None


def correlation_cut(name: str, text: str) -> CorrelationCut:
    """Cut between objects called `name` whose limit is printed as `text`.

    Raises
    ------
    ConfigError
        If the text is no such limit, or a limit has more digits than its precision.

    Examples
    --------
    >>> correlation_cut("MASS_7to18", "Mass: [7.0, 18.0] : `[24.5, 162.0]` `precision: 1`").maximum
    1620
    """
    kind = _CORRELATIONS[text.partition(":")[0]]
    codes = _codes(text)
    if kind == "charge":
        return CorrelationCut(kind, name, text=codes[0].strip('"'))
    match = re.fullmatch(r"precision: (\d+)", codes[-1])
    if len(codes) != 2 or match is None:
        msg = f"{name}: cannot read {text!r}: a window and its precision are expected"
        raise ConfigError(msg)
    precision = int(match[1])
    low, *high = (scaled_integer(limit, precision) for limit in codes[0].strip("[]").split(","))
    return CorrelationCut(kind, name, low, high[0] if high else UNLIMITED, precision)


def object_limit(text: str, ranges: Mapping[str, CutRange]) -> Cut | int:
    """Cut on one object, or the word of its threshold, that is printed as `text`.

    Parameters
    ----------
    text : str
        Printed limit; code in backquotes.
    ranges : mapping of str to CutRange
        Table of all cuts: it alone states the upper limit of an index.

    Raises
    ------
    ConfigError
        On a label that no object has.
    """
    label, _, rest = text.partition(":")
    name = rest.split()[0].rstrip(":") if rest.split() else ""
    codes = _codes(text)
    if label in _THRESHOLDS:
        return int(codes[0], 16)
    if label in _WINDOWS:
        return Cut(_WINDOWS[label], name, window=_window(label, name, codes[0]))
    if label in _SCORES:
        return Cut(_SCORES[label], name, window=Window(int(codes[0], 16)))
    if label in _TABLES:
        return Cut(_TABLES[label], name, table=int(codes[0], 16))
    if label in _TEXTS:
        return Cut(_TEXTS[label], name, text=codes[0].strip('"'))
    return _special(label, name, text, ranges)


def scaled_integer(text: str, precision: int) -> int:
    """The decimal number `text` times ``10 ** precision``.

    Raises
    ------
    ConfigError
        If that is no integer.
    """
    value = Decimal(text.strip()).scaleb(precision)
    if value != value.to_integral_value():
        msg = f"{text.strip()} has more than {precision} decimal digits"
        raise ConfigError(msg)
    return int(value)


def _special(label: str, name: str, text: str, ranges: Mapping[str, CutRange]) -> Cut:
    """An index (upper limit in another table), a slice (limits not in code), or displaced (the bit that is required)."""
    code = _codes(text)[0]
    if label == "Index":
        if name not in ranges:
            msg = f"cut {name!r} is not in the table of cuts; {nearest(name, ranges)}"
            raise ConfigError(msg)
        maximum = scaled_integer(ranges[name].maximum, 0)
        return Cut("index", name, window=Window(int(code, 16), maximum))
    if label == "Slice" and (slices := re.search(r"\[(\d+)(?: - (\d+))?\]", text)):
        return Cut("slice", name, window=Window(int(slices[1]), int(slices[2] or slices[1])))
    if label == "Displaced":
        return Cut("displaced", name, table=1 << int(code, 0))
    msg = f"unknown limit {label!r}; {nearest(label, _LABELS)}"
    raise ConfigError(msg)


def _window(label: str, name: str, code: str) -> Window:
    """Window printed as two hexadecimal words; those of eta are two's complement of the width of the object."""
    low, high = (int(word, 16) for word in code.strip("[]").split(","))
    if label != "Eta":
        return Window(low, high)
    width = _ETA_BITS.get(name.partition("-")[0], _CALORIMETER_ETA_BITS)
    return Window(_signed(low, width), _signed(high, width))


def _signed(word: int, width: int) -> int:
    return word - (1 << width) if word >> (width - 1) else word


def _codes(text: str) -> list[str]:
    codes: list[str] = re.findall(r"`([^`]*)`", text)
    if not codes:
        msg = f"{text!r} has no hardware value"
        raise ConfigError(msg)
    return codes
