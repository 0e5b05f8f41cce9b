"""Distributions of words over zero bias and signals, in physical units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.hardware.scales import HardwareScale

__all__ = ["Distribution", "object_distribution", "score_distribution"]

_N_BINS = 40


@dataclass(frozen=True, eq=False, slots=True)
class Distribution:
    """Histograms of one quantity with common edges.

    Parameters
    ----------
    quantity, unit : str
        Axis label and unit.
    per : str
        What is counted: "crossing" (a word for each crossing) or "object" (any number in a crossing).
    edges : ndarray of float64, shape (k + 1,)
        Bin edges in `unit`, half way between words so that every word of a bin is wholly inside.
    values, errors : mapping of str to ndarray of float64, shape (k,)
        For each process the mean number of entries of one crossing in each bin, and its standard deviation.
    """

    quantity: str
    unit: str
    per: str
    edges: NDArray[np.float64]
    values: Mapping[str, NDArray[np.float64]]
    errors: Mapping[str, NDArray[np.float64]]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "quantity": self.quantity,
            "unit": self.unit,
            "per": self.per,
            "edges": self.edges.tolist(),
            "values": {name: column.tolist() for name, column in self.values.items()},
            "errors": {name: column.tolist() for name, column in self.errors.items()},
        }


def score_distribution(name: str, words: Mapping[str, NDArray[np.int64]], processes: Mapping[str, Events]) -> Distribution:
    """Distribution of the score word called `name`, one entry for each crossing, in bins that widen with the word."""
    top = max(int(column.max()) for column in words.values())
    bottom = min(int(column.min()) for column in words.values())
    steps = np.unique(np.geomspace(1, top - bottom + 2, _N_BINS + 1).round()) + bottom - 1.5
    filled = {key: _fill(column, np.arange(column.size), processes[key], steps) for key, column in words.items()}
    return _distribution(f"{name} score word", "", "crossing", steps, filled)


def object_distribution(collection: str, field: str, processes: Mapping[str, Events], scale: HardwareScale) -> Distribution:
    """Distribution of one `field` of all objects of a `collection`, in bins of equally many words."""
    words, crossings = {}, {}
    for name, events in processes.items():
        valid = events.valid(collection)
        words[name] = events.collections[collection][f"hw_{field}"][valid].astype(np.int64)
        crossings[name] = np.nonzero(valid)[0]
    edges = _linear_edges([column for column in words.values() if column.size])
    filled = {name: _fill(words[name], crossings[name], events, edges) for name, events in processes.items()}
    return _distribution(f"{collection} {field}", scale.unit, "object", scale.to_physical(edges), filled)


def _distribution(
    quantity: str,
    unit: str,
    per: str,
    edges: NDArray[np.float64],
    filled: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> Distribution:
    values = {name: pair[0] for name, pair in filled.items()}
    return Distribution(quantity, unit, per, edges, values, {name: pair[1] for name, pair in filled.items()})


def _linear_edges(columns: list[NDArray[np.int64]]) -> NDArray[np.float64]:
    """Edges between words, about 40 bins of a whole number of words each."""
    if not columns:
        return np.array([-0.5, 0.5])
    bottom, top = min(int(column.min()) for column in columns), max(int(column.max()) for column in columns)
    n_words = top - bottom + 1
    step = _step(n_words)
    return np.arange(bottom, top + step + 1, step, dtype=np.float64) - 0.5


def _step(n_words: int) -> int:
    """Words of a bin.

    Calorimeter objects sit on towers two words wide, so an odd step would show a comb; and a step that divides the range
    leaves no partly filled bin at its end, which would look like a hole in phi.
    """
    smallest = -(-n_words // _N_BINS)
    if smallest == 1:
        return 1
    even = range(smallest + smallest % 2, 2 * smallest + 1, 2)
    return next((size for size in even if n_words % size == 0), even[0])


def _fill(
    words: NDArray[np.int64], crossing: NDArray[np.int64], events: Events, edges: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean entries of one crossing in each bin, and the error with each generated collision as one draw."""
    total = float(events.weight.sum())
    n_bins = edges.size - 1
    bin_of = np.searchsorted(edges, words, side="right") - 1
    weight = events.weight[crossing]
    values = np.bincount(bin_of, weight, minlength=n_bins)
    _, draw = np.unique(events.group, return_inverse=True)
    cells, inverse = np.unique(draw[crossing] * n_bins + bin_of, return_inverse=True)
    squares = np.bincount(cells % n_bins, np.square(np.bincount(inverse, weight, minlength=cells.size)), minlength=n_bins)
    return values / total, np.sqrt(squares) / total
