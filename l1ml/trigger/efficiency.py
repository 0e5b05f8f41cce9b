"""Efficiencies of signals: each algorithm alone, and on top of the classical ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.errors import DataError
from l1ml.trigger.decisions import Decisions
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.rates.intervals import clopper_pearson

__all__ = ["AlgorithmEfficiency", "Efficiency", "SignalEfficiency", "check_equal_weights", "efficiency", "signal_efficiency"]


@dataclass(frozen=True, slots=True)
class Efficiency:
    """A fraction of equally weighted crossings with its 68.27 % interval.

    Parameters
    ----------
    value : float
        ``n_passed / n_total``.
    low, high : float
        Clopper-Pearson interval of the effective counts.
    n_passed, n_total : int
        Raw crossings.
    n_effective : float
        Independent crossings that carry the same information as the `n_total`; equal to it when no collision was copied.
    """

    value: float
    low: float
    high: float
    n_passed: int
    n_total: int
    n_effective: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        values = asdict(self)
        return {"efficiency": values.pop("value"), **values}


def efficiency(passed: NDArray[np.bool_], group: NDArray[Any]) -> Efficiency:
    """Fraction of crossings that pass.

    Parameters
    ----------
    passed : ndarray of bool, shape (n,)
        Which crossings pass; all have the same weight.
    group : ndarray, shape (n,)
        The generated collision of each crossing.

    Raises
    ------
    DataError
        If there are no crossings.

    Notes
    -----
    Copies of one collision pass together more often than not, so the counts overstate what is known.  As Korn and Graubard
    (Survey Methodology 24 (1998) 193) do for clustered surveys, Clopper and Pearson's interval is evaluated at the effective
    size ``n* = p (1 - p) / var``, where var is the variance between collisions, and at ``n* p`` passing; with one crossing
    for each collision n* is exactly n.  Where p is 0 or 1 there is no variance to use, and n* is the number of collisions.
    """
    n_total = int(passed.size)
    if n_total == 0:
        msg = "received no crossings to take an efficiency of; generate more events or widen the selection"
        raise DataError(msg)
    n_passed = int(passed.sum())
    value = n_passed / n_total
    n_effective = _effective_size(passed, group, value)
    low, high = clopper_pearson(value * n_effective, n_effective)
    return Efficiency(value, min(low, value), max(high, value), n_passed, n_total, n_effective)


def _effective_size(passed: NDArray[np.bool_], group: NDArray[Any], value: float) -> float:
    _, draw = np.unique(group, return_inverse=True)
    n_draws = int(draw.max()) + 1
    if value in (0.0, 1.0) or n_draws == passed.size:
        return float(n_draws)
    residual = np.bincount(draw, passed - value)
    variance = float(np.square(residual).sum()) / passed.size**2
    # collisions whose copies scatter about p more than binomially would claim more than n crossings
    return min(value * (1.0 - value) / variance, float(passed.size)) if variance > 0 else float(passed.size)


@dataclass(frozen=True, slots=True)
class AlgorithmEfficiency:
    """One algorithm on one signal.

    Parameters
    ----------
    algorithm : str
        Its name.
    alone : Efficiency
        Crossings in which it fires, before its prescale.
    on_top : Efficiency
        Crossings in which it fires and no other unprescaled classical algorithm does.
    total : Efficiency
        Crossings in which it or any unprescaled classical algorithm fires.
    """

    algorithm: str
    alone: Efficiency
    on_top: Efficiency
    total: Efficiency

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**self.alone.to_dict(), "on_top": self.on_top.to_dict(), "total": self.total.to_dict()}


@dataclass(frozen=True, slots=True)
class SignalEfficiency:
    """All algorithms of a menu on one signal.

    Parameters
    ----------
    signal : str
        Name of the process.
    algorithms : tuple of AlgorithmEfficiency
        In the order of the menu.
    classical : Efficiency
        The OR of the unprescaled classical algorithms: what the menu keeps without a network.
    """

    signal: str
    algorithms: tuple[AlgorithmEfficiency, ...]
    classical: Efficiency

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "classical": self.classical.to_dict(),
            "algorithms": {row.algorithm: row.to_dict() for row in self.algorithms},
        }


def signal_efficiency(signal: str, menu: Menu, decisions: Decisions, events: Events) -> SignalEfficiency:
    """Efficiencies of `menu` on the crossings of one signal.

    Raises
    ------
    DataError
        If the crossings have different weights, or there are none.
    """
    check_equal_weights(signal, events.weight)
    classical = {
        algorithm.name: decisions[algorithm.name]
        for algorithm in menu.algorithms
        if menu.is_classical(algorithm) and algorithm.prescale.is_one
    }
    rows = tuple(_row(name, decisions[name], classical, events) for name in menu.names)
    return SignalEfficiency(signal, rows, efficiency(_any(classical, events.n), events.group))


def _row(name: str, fired: NDArray[np.bool_], classical: Mapping[str, NDArray[np.bool_]], events: Events) -> AlgorithmEfficiency:
    others = _any({key: bits for key, bits in classical.items() if key != name}, events.n)
    return AlgorithmEfficiency(
        name,
        alone=efficiency(fired, events.group),
        on_top=efficiency(fired & ~others, events.group),
        total=efficiency(fired | others, events.group),
    )


def _any(bits: Mapping[str, NDArray[np.bool_]], n_events: int) -> NDArray[np.bool_]:
    fired = np.zeros(n_events, dtype=np.bool_)
    for column in bits.values():
        fired |= column
    return fired


def check_equal_weights(signal: str, weight: NDArray[np.float64]) -> None:
    """Refuse weights that differ: the interval of an efficiency counts crossings.

    Raises
    ------
    DataError
        Naming the signal and the range of its weights.
    """
    if weight.size and not np.allclose(weight, weight[0]):
        msg = f"{signal} has weights from {weight.min():g} to {weight.max():g}: efficiencies need equal weights"
        raise DataError(msg)
