"""From drawn showers to how they should lean."""

from __future__ import annotations

import numpy as np

from offline.calorimeter.generators.lean import Dipoles, Lean
from offline.calorimeter.generators.ring_sums import RingSums
from offline.calorimeter.generators.voxel_draw import RingLaw, draw_voxels
from offline.calorimeter.showers import Showers

__all__ = ["fit_lean"]

_ROUNDS = 3
"""The answer to a lean is not quite in proportion to it."""

_MOST, _BATCH = 6000, 500
"""Showers that are drawn in a round, and at a time."""


def fit_lean(sums: RingSums, truth: Dipoles, law: RingLaw, threshold: float, rng: np.random.Generator) -> Lean | None:
    """The lean that showers drawn by `law` with the layers of `sums` lack of that in `truth`; none if they lack nothing.

    Parameters
    ----------
    sums : RingSums
        Of the showers.
    truth : Dipoles
        Of the same.
    law : RingLaw
        Law of their voxels.
    threshold : float
        Least energy of a hit, MeV.
    rng : Generator
        Random numbers.
    """
    some = np.arange(min(_MOST, len(sums.incident)))
    sums, truth = sums.select(some), truth.select(some)
    lean = Lean.none(law.geometry, sums.incident)
    for _ in range(_ROUNDS):
        lean = lean.corrected(law.geometry, truth, _drawn(sums, law, threshold, lean, rng))
    return lean if lean.widths.any() else None


def _drawn(sums: RingSums, law: RingLaw, threshold: float, lean: Lean, rng: np.random.Generator) -> Dipoles:
    """Of showers with the same layers."""
    parts, hits = [], sums.layer_hits(law.geometry)
    for start in range(0, len(hits), _BATCH):
        rows = slice(start, start + _BATCH)
        incident, layers = sums.incident[rows], sums.layers[rows]
        table, leaning = law.table(incident, layers, hits[rows]), lean.draw(incident, rng)
        voxels = draw_voxels(law.geometry, layers, hits[rows], table, threshold=threshold, rng=rng, lean=leaning)
        parts.append(Dipoles.of(Showers(law.geometry, incident, voxels)))
    return Dipoles.concatenate(parts)
