"""From drawn showers to how they should lean."""

from __future__ import annotations

import numpy as np

from offline.calorimeter.generators.layer_fit import LayerSample
from offline.calorimeter.generators.lean import Dipoles, Lean
from offline.calorimeter.generators.ring_sums import RingSums
from offline.calorimeter.generators.voxel_draw import RingLaw, draw_voxels
from offline.calorimeter.shower_file import ShowerFile
from offline.calorimeter.showers import Showers

__all__ = ["dipoles_of", "fit_lean"]

_ROUNDS = 3
"""The answer to a lean is not quite in proportion to it."""

_MOST, _BATCH = 6000, 500
"""Showers that are drawn in a round, and at a time."""


def dipoles_of(showers: Showers | ShowerFile) -> Dipoles:
    """Of all `showers`; of a file only these are kept in memory."""
    if isinstance(showers, ShowerFile):
        return Dipoles.concatenate([Dipoles.of(part) for part in showers.batches()])
    return Dipoles.of(showers)


def fit_lean(sample: LayerSample, truth: Dipoles, law: RingLaw, rng: np.random.Generator) -> Lean | None:
    """The lean that showers drawn by `law` with the layers of `sample` lack of that in `truth`; none if they lack nothing.

    Parameters
    ----------
    sample : LayerSample
        The showers.
    truth : Dipoles
        Of the same.
    law : RingLaw
        Law of their voxels.
    rng : Generator
        Random numbers.
    """
    some = np.arange(min(_MOST, len(sample.order)))
    sums, truth = sample.sums.select(some), truth.select(some)
    lean = Lean.none(law.geometry, sums.incident)
    for _ in range(_ROUNDS):
        lean = lean.corrected(law.geometry, truth, _drawn(sums, law, sample.threshold, lean, rng))
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
