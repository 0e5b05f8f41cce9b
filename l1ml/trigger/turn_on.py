"""Turn-on curves: efficiency of an algorithm against a generator quantity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.errors import DataError, nearest
from l1ml.trigger.efficiency import Efficiency, check_equal_weights, efficiency

if TYPE_CHECKING:
    import hist

    from l1ml.data.events import Events

__all__ = ["TurnOn", "turn_on"]


@dataclass(frozen=True, eq=False, slots=True)
class TurnOn:
    """Efficiency of one algorithm in bins of one generator quantity.

    Parameters
    ----------
    signal, algorithm, variable : str
        Process, algorithm and name of the truth column.
    unit : str
        Unit of the variable.
    passed, total : hist.Hist
        Raw crossings that pass, and all of them.
    bins : tuple of Efficiency or None
        Efficiency of each bin with its 68.27 % interval; None for an empty bin.
    """

    signal: str
    algorithm: str
    variable: str
    unit: str
    passed: hist.Hist[Any]
    total: hist.Hist[Any]
    bins: tuple[Efficiency | None, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; an empty bin has null for its efficiency."""
        return {
            "signal": self.signal,
            "algorithm": self.algorithm,
            "variable": self.variable,
            "unit": self.unit,
            "edges": self.total.axes[0].edges.tolist(),
            "n_passed": [int(value) for value in self.passed.values()],
            "n_total": [int(value) for value in self.total.values()],
            "efficiency": [item.value if item else None for item in self.bins],
            "low": [item.low if item else None for item in self.bins],
            "high": [item.high if item else None for item in self.bins],
        }


def turn_on(
    signal: str,
    events: Events,
    algorithm: str,
    fired: NDArray[np.bool_],
    *,
    variable: str,
    edges: Sequence[float],
    unit: str = "GeV",
) -> TurnOn:
    """Turn-on of `algorithm` on `signal`.

    Parameters
    ----------
    signal : str
        Name of the process.
    events : Events
        Its crossings, equally weighted, with `variable` among their truth columns.
    algorithm : str
        Name of the algorithm.
    fired : ndarray of bool, shape (n,)
        Its bits.
    variable : str
        Truth column.
    edges : sequence of float
        Rising bin edges in `unit`; crossings outside are left out.

    Raises
    ------
    DataError
        If the variable does not exist or the weights differ.
    """
    if variable not in events.truth:
        msg = f"{signal} has no generator quantity {variable!r}; {nearest(variable, events.truth)}"
        raise DataError(msg)
    check_equal_weights(signal, events.weight)
    values = np.asarray(events.truth[variable], dtype=np.float64)
    bin_of = np.digitize(values, edges) - 1
    bins = tuple(_bin(fired, events.group, bin_of == index) for index in range(len(edges) - 1))
    return TurnOn(signal, algorithm, variable, unit, _fill(values[fired], variable, edges), _fill(values, variable, edges), bins)


def _bin(fired: NDArray[np.bool_], group: NDArray[np.uint64], inside: NDArray[np.bool_]) -> Efficiency | None:
    return efficiency(fired[inside], group[inside]) if inside.any() else None


def _fill(values: NDArray[np.float64], name: str, edges: Sequence[float]) -> hist.Hist[Any]:
    library = require("hist")
    counts = library.Hist(library.axis.Variable(list(edges), name=name), storage=library.storage.Int64())
    counts.fill(values)
    filled: hist.Hist[Any] = counts
    return filled
