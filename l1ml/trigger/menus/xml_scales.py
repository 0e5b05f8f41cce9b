"""Scales of an XML menu: from a physical limit to the word whose bin begins or ends there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from l1ml.errors import ConfigError, nearest

__all__ = ["ScaleSet", "number_of", "text_of"]

_WITHOUT_ENERGY = "COUNT"


@dataclass(frozen=True, slots=True)
class ScaleSet:
    """Bins and precisions of one menu.

    Parameters
    ----------
    lower, upper : mapping
        Word of the bin that begins (ends) at a value, by (object, type) and value; eta words are signed.
    precisions : mapping of str to int
        Decimal digits by name, such as ``{"MU-MU-Delta": 3}``.
    """

    lower: Mapping[tuple[str, str], Mapping[float, int]]
    upper: Mapping[tuple[str, str], Mapping[float, int]]
    precisions: Mapping[str, int]

    @classmethod
    def from_element(cls, element: Element) -> ScaleSet:
        """Scales in a ``<scale_set>``."""
        lower: dict[tuple[str, str], dict[float, int]] = {}
        upper: dict[tuple[str, str], dict[float, int]] = {}
        precisions: dict[str, int] = {}
        for scale in element.findall("scale"):
            key = (text_of(scale, "object"), text_of(scale, "type"))
            n_bits = int(text_of(scale, "n_bits"))
            if key[0] == "PRECISION":
                precisions[key[1]] = n_bits
                continue
            words = [(_word(item, key[1], n_bits), item) for item in scale.findall("bin")]
            lower[key] = {number_of(item, "minimum"): word for word, item in words}
            upper[key] = {number_of(item, "maximum"): word for word, item in words}
        return cls(lower, upper, precisions)

    def threshold(self, kind: str, value: float) -> int:
        """Word of the threshold `value` of objects `kind`: energy, or count where the object has no energy."""
        energy = (kind, "ET") if (kind, "ET") in self.lower else (kind, _WITHOUT_ENERGY)
        return _word_at(self.lower, energy, value, "begins")

    def window(self, kind: str, quantity: str, minimum: float, maximum: float) -> tuple[int, int]:
        """Words of the first and the last bin between `minimum` and `maximum`."""
        key = (kind, quantity)
        return _word_at(self.lower, key, minimum, "begins"), _word_at(self.upper, key, maximum, "ends")

    def precision(self, first: str, second: str, quantity: str) -> int:
        """Decimal digits of `quantity` ("Delta", "Mass", "TwoBodyPt") between two types of objects."""
        names = (f"{first}-{second}-{quantity}", f"{second}-{first}-{quantity}")
        for name in names:
            if name in self.precisions:
                return self.precisions[name]
        msg = f"the scales have no precision {names[0]!r}; {nearest(names[0], self.precisions)}"
        raise ConfigError(msg)


def text_of(element: Element, tag: str) -> str:
    """Text of the child `tag`, which must be there."""
    child = element.find(tag)
    if child is None:
        msg = f"<{element.tag}> {element.findtext('name') or ''} lacks <{tag}>"
        raise ConfigError(msg)
    return (child.text or "").strip()


def number_of(element: Element, tag: str) -> float:
    """Number in the child `tag`, which must be there."""
    text = text_of(element, tag)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        msg = f"<{tag}> of <{element.tag}> {element.findtext('name') or ''} must be a number, received {text!r}"
        raise ConfigError(msg)
    return value


def _word(item: Element, quantity: str, n_bits: int) -> int:
    word = int(text_of(item, "number"))
    return word - (1 << n_bits) if quantity == "ETA" and word >> (n_bits - 1) else word


def _word_at(bins: Mapping[tuple[str, str], Mapping[float, int]], key: tuple[str, str], value: float, verb: str) -> int:
    """Word of the bin at `value`: exactly there, because the editor of the menus puts every limit on the edge of a bin."""
    if key not in bins:
        msg = f"the scales have no {key[1]} of {key[0]!r}; {nearest(key[0], {name for name, _ in bins})}"
        raise ConfigError(msg)
    if value not in bins[key]:
        closest = min(bins[key], key=lambda edge: abs(edge - value))
        msg = f"no bin of {key[0]} {key[1]} {verb} at {value:.16g}; the closest one {verb} at {closest:.16g}"
        raise ConfigError(msg)
    return bins[key][value]
