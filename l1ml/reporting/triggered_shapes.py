"""Generated zero bias beside crossings that a trigger chose: the shape of spectra above thresholds that let all pass.

What a trigger recorded has the mixture of its seeds and prescales: numbers of objects, means and soft spectra say nothing about
crossings without a selection. But a crossing whose leading object is above the threshold of an unprescaled single-object seed is
there whatever else it holds, so that the spectrum of leading objects above that threshold has the shape that it has in zero
bias. That is all that is compared, and it assumes that nothing behind the Level-1 trigger chose among these crossings. Saturated
words say that there was too much to measure, not how much: crossings led by one are left out on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from l1ml.reporting.comparisons import ComparedSample, Comparison
from l1ml.reporting.validation_figures import Spectrum, leading_spectrum

__all__ = ["OWN_SEEDS", "triggered_shapes"]

OWN_SEEDS: Mapping[str, float] = {"muon": 22.0, "egamma": 36.0, "tau": 120.0, "jet": 180.0}
"""GeV: single-object seeds without prescale in the menus of 2018 to 2025."""

_MULTIPLES = (1.25, 1.5, 2.0, 3.0)
_LEAST = 10
"""Crossings above the threshold in each sample; with fewer there is no shape."""


def triggered_shapes(
    names: Sequence[str], pair: tuple[ComparedSample, ComparedSample]
) -> tuple[Sequence[Comparison], Sequence[Spectrum]]:
    """How many of the leading objects above the threshold are above a multiple of it, and their spectra."""
    comparisons: list[Comparison] = []
    spectra = []
    for name, threshold in OWN_SEEDS.items():
        if name not in names:
            continue
        passing = [side.events.select(_measured_above(side, name, threshold)) for side in pair]
        if min(events.n for events in passing) < _LEAST:
            continue
        chosen = [ComparedSample.of(events) for events in passing]
        comparisons += _shares(name, threshold, chosen)
        edges = threshold * np.array([1.0, *_MULTIPLES, 4.0])
        spectra.append(leading_spectrum(name, edges, *passing))
    return comparisons, spectra


def _measured_above(side: ComparedSample, name: str, threshold: float) -> NDArray[np.bool_]:
    """Whether the leading object of each crossing is at or above `threshold` and not saturated."""
    largest = side.events.schema.object(name).field("pt").scale.max_word
    saturated = side.events.collections[name]["hw_pt"][:, 0] >= largest
    return np.asarray((side.gev(name)[:, 0] >= threshold) & ~saturated)


def _shares(name: str, threshold: float, chosen: Sequence[ComparedSample]) -> Iterator[Comparison]:
    """Share above each multiple of the threshold."""
    for multiple in _MULTIPLES:
        first, second = (side.mean(side.gev(name)[:, 0] >= multiple * threshold, 1.0) for side in chosen)
        title = f"leading {name}, pt >= {multiple * threshold:g} GeV of those >= {threshold:g} GeV"
        yield Comparison("share of leading objects", title, first, second)
