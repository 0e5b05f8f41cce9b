"""Crossings whose objects sit at the edges of a menu's cuts: what shows that a threshold is one count off.

Recorded vectors hold few objects at exactly the word of a threshold. Here every field is drawn from the last word that passes and
the first that does not, of all the cuts of the menu on it. Written as vectors, with the bits that the menu gives, such crossings
are a test of firmware.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from l1ml.data.ugt_crossings import Crossings
from l1ml.hardware.ugt_layouts import Part, UgtLayout, ugt_layout
from l1ml.trigger.conditions.columns import COLLECTIONS
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.requirements import CutKind, ObjectRequirement

__all__ = ["edge_crossings", "edge_words"]

_N_BINS = {"muon": 576}
"""Steps of phi; all other objects have 144."""

_ETA = {"muon": (-225, 225)}
_CALORIMETER_ETA = (-115, 114)
"""Smallest and largest word of eta."""

_WINDOWS: tuple[CutKind, ...] = ("eta", "phi", "unconstrained_pt", "index")


def edge_words(menu: Menu) -> dict[tuple[str, str], NDArray[np.int64]]:
    """For each collection and field that `menu` cuts on, the words on both sides of every cut, rising."""
    found: dict[tuple[str, str], set[int]] = {}
    for condition in menu.conditions.values():
        for item in condition.objects:
            for place, word in _edges(item):
                found.setdefault(place, set()).update((word - 1, word))
    return {place: np.array(sorted(words)) for place, words in found.items()}


def _edges(item: ObjectRequirement) -> Iterator[tuple[tuple[str, str], int]]:
    """The first word that passes, or the first that does not pass any more, of each cut on one object."""
    name = COLLECTIONS.get(item.object, item.object.lower())
    energy = "pt" if item.object in COLLECTIONS else "score" if item.object == "CICADA" else "count"
    yield (name, energy), item.threshold_hw
    if item.comparison == "==":
        yield (name, energy), item.threshold_hw + 1
    for kind in _WINDOWS:
        for window in item.windows(kind):
            yield (name, kind), window.minimum
            if window.maximum is not None:
                yield (name, kind), window.maximum + 1
    for window in item.windows("cicada_score"):
        yield (name, "score"), window.minimum


def edge_crossings(menu: Menu, era: str, n: int, rng: np.random.Generator) -> Crossings:
    """`n` crossings of the layout of `era`, not of whole orbits, with objects at the edges of the cuts of `menu`.

    Each crossing has another share of its slots filled, ordered by falling pt as those of the trigger are. Bits are not set: they
    are what the menu decides.
    """
    layout, edges = ugt_layout(era), edge_words(menu)
    objects = {}
    for name, item in layout.objects.items():
        there = rng.random((n, item.n_slots)) < rng.random((n, 1))
        fields = {
            field: _drawn(_range(layout, name, field, parts), edges.get((name, field)), there.shape, rng)
            for field, parts in item.fields.items()
        }
        objects[name] = _ordered({field: words * there for field, words in fields.items()})
    return Crossings.from_objects(era, objects, n, externals=rng.random((n, layout.n_externals)) < 0.5)


def _range(layout: UgtLayout, name: str, field: str, parts: tuple[Part, ...]) -> tuple[int, int]:
    """Smallest and largest word of a field that an object can have."""
    bits = [layout.column(part.column).layout.field(part.field) for part in parts]
    if len(bits) > 1:
        return 0, (1 << sum(item.width for item in bits)) - 1
    low, high = bits[0].min_value, bits[0].max_value
    if field == "eta":
        return _ETA.get(name, _CALORIMETER_ETA)
    return low, min(high, _N_BINS.get(name, 144) - 1) if field in {"phi", "phi_out"} else high


def _drawn(
    limits: tuple[int, int], edges: NDArray[np.int64] | None, shape: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Words at edges in three of four cases, and anywhere in the field."""
    words = rng.integers(*limits, shape, endpoint=True)
    inside = np.zeros(0, np.int64) if edges is None else edges[(edges >= limits[0]) & (edges <= limits[1])]
    if inside.size:
        words = np.where(rng.random(shape) < 0.75, rng.choice(inside, shape), words)
    return words


def _ordered(fields: dict[str, NDArray[np.int64]]) -> dict[str, NDArray[np.int64]]:
    """Objects by falling pt."""
    if "pt" not in fields:
        return fields
    order = np.argsort(-fields["pt"], axis=1, kind="stable")
    return {name: np.take_along_axis(words, order, axis=1) for name, words in fields.items()}
