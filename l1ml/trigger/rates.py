"""Rates of a menu: alone, pure and proportional, each with an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError, nearest
from l1ml.hardware.fixed_point import FixedPoint
from l1ml.trigger.algorithm_cut import AlgorithmCut, algorithm_cut
from l1ml.trigger.decisions import Decisions
from l1ml.trigger.menus.algorithm import Algorithm
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.sample import WeightedFraction, WeightedSample

__all__ = ["AlgorithmRate", "Rate", "RateTable", "rate_table"]


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate in kHz and what stands behind it.

    Parameters
    ----------
    khz : float
        The rate.
    error_khz : float
        One standard deviation; where `is_upper_limit`, the 68.27 % upper limit.
    upper_95_khz : float
        95 % upper limit.
    n_events, n_groups : int
        Raw crossings that pass, and the different generated collisions among them.
    n_effective : float
        Equivalent number of equally weighted, independent crossings.
    is_upper_limit : bool
        True when no crossing of the sample passes: the rate is "below `error_khz`", not zero.
    """

    khz: float
    error_khz: float
    upper_95_khz: float
    n_events: int
    n_groups: int
    n_effective: float
    is_upper_limit: bool

    @classmethod
    def of(cls, fraction: WeightedFraction, crossing_rate_khz: float) -> Rate:
        """Rate of a `fraction` of crossings that come at `crossing_rate_khz`."""
        return cls(
            fraction.value * crossing_rate_khz,
            fraction.error * crossing_rate_khz,
            fraction.upper_95 * crossing_rate_khz,
            fraction.n_events,
            fraction.n_groups,
            fraction.n_effective,
            fraction.is_upper_limit,
        )

    def to_dict(self, prefix: str = "") -> dict[str, Any]:
        """Plain values for JSON; `prefix` is put before each key ("pure_" gives "pure_rate_khz")."""
        return {
            f"{prefix}rate_khz": self.khz,
            f"{prefix}rate_error_khz": self.error_khz,
            f"{prefix}rate_upper_95_khz": self.upper_95_khz,
            f"{prefix}rate_is_upper_limit": self.is_upper_limit,
            f"{prefix}n_events": self.n_events,
            f"{prefix}n_groups": self.n_groups,
            f"{prefix}n_effective": self.n_effective,
        }


@dataclass(frozen=True, slots=True)
class AlgorithmRate:
    """Rates of one algorithm before its prescale.

    Parameters
    ----------
    algorithm : Algorithm
        Which one.
    cut : AlgorithmCut
        What it cuts on.
    is_classical : bool
        Whether it cuts on objects only, not on a score.
    alone : Rate
        Crossings in which it fires.
    pure : Rate
        Crossings in which it fires and no other unprescaled algorithm does, its own alternatives set aside.
    proportional : Rate
        Each crossing shared equally among those that fire: itself, the other classical algorithms, and each other set of
        alternatives counted once.
    """

    algorithm: Algorithm
    cut: AlgorithmCut
    is_classical: bool
    alone: Rate
    pure: Rate
    proportional: Rate

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        cut, entry = self.cut, self.algorithm.entry
        return {
            "name": entry.name,
            "kind": "classical" if self.is_classical else "anomaly",
            "collection": cut.collection or None,
            "score": cut.score or None,
            "target_khz": cut.target_khz,
            "prescale": entry.prescale.hundredths / 100,
            "alternatives": entry.alternatives,
            "threshold": list(cut.words),
            "threshold_physical": list(cut.physical),
            "unit": cut.unit,
            **self.alone.to_dict(),
            **self.pure.to_dict("pure_"),
            "proportional_rate_khz": self.proportional.khz,
            "proportional_rate_error_khz": self.proportional.error_khz,
        }


@dataclass(frozen=True, slots=True)
class RateTable:
    """Rates of every algorithm of a menu and of their final OR.

    Parameters
    ----------
    rows : tuple of AlgorithmRate
        In the order of the menu.
    total : Rate
        The final OR of everything, prescales applied.
    classical : Rate
        The OR of the algorithms on objects, prescales applied.
    with_anomaly : mapping of str to Rate
        The OR of the classical algorithms and this one anomaly algorithm.
    crossing_rate_khz : float
        What a fraction of one means.

    Notes
    -----
    ``rate = n_bunches f_rev sum(w pass) / sum(w)``.  In an OR, a crossing counts with the probability
    ``1 - prod(1 - 1 / prescale)`` over the algorithms that fire: what independent prescale counters keep on average, while
    the state of a counter in a weighted sample means nothing.
    """

    rows: tuple[AlgorithmRate, ...]
    total: Rate
    classical: Rate
    with_anomaly: Mapping[str, Rate]
    crossing_rate_khz: float

    def __getitem__(self, name: str) -> AlgorithmRate:
        """Row of algorithm `name`.

        Raises
        ------
        ConfigError
            If there is none.
        """
        for row in self.rows:
            if row.algorithm.name == name:
                return row
        msg = f"no rate of {name!r}; {nearest(name, [row.algorithm.name for row in self.rows])}"
        raise ConfigError(msg)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "crossing_rate_khz": self.crossing_rate_khz,
            "rows": [row.to_dict() for row in self.rows],
            "total": self.total.to_dict(),
            "classical": self.classical.to_dict(),
            "with_anomaly": {name: rate.to_dict() for name, rate in self.with_anomaly.items()},
        }


def rate_table(
    menu: Menu, decisions: Decisions, sample: WeightedSample, score_formats: Mapping[str, FixedPoint] | None = None
) -> RateTable:
    """Rates of `menu` on a zero-bias sample.

    Parameters
    ----------
    menu : Menu
        The resolved menu that made the `decisions`.
    decisions : Decisions
        Bits of the crossings of `sample`.
    sample : WeightedSample
        Weights of the zero-bias crossings and the collisions they came from.
    score_formats : mapping of str to FixedPoint, optional
        Number format of each score word, for thresholds as physical values; words are repeated when absent.

    Raises
    ------
    DataError
        If decisions and sample differ in length.
    """
    if decisions.n != sample.weight.size or decisions.names != menu.names:
        msg = f"{decisions.n} decisions of {decisions.names} do not belong to {sample.weight.size} weights of {menu.names}"
        raise DataError(msg)
    rows = tuple(_row(menu, index, decisions, sample, score_formats or {}) for index in range(len(menu.algorithms)))
    classical = [index for index, algorithm in enumerate(menu.algorithms) if menu.is_classical(algorithm)]
    anomaly = [index for index, algorithm in enumerate(menu.algorithms) if not menu.is_classical(algorithm)]
    everything = list(range(len(menu.algorithms)))

    def union(columns: list[int]) -> Rate:
        return Rate.of(sample.fraction(_kept(menu, decisions, columns)), menu.rates.khz)

    with_anomaly = {menu.names[index]: union([*classical, index]) for index in anomaly}
    return RateTable(rows, union(everything), union(classical), with_anomaly, menu.rates.khz)


def _row(
    menu: Menu, index: int, decisions: Decisions, sample: WeightedSample, formats: Mapping[str, FixedPoint]
) -> AlgorithmRate:
    algorithm, khz = menu.algorithms[index], menu.rates.khz
    fired = decisions.before_prescale[:, index]
    pure = fired & ~_others(menu, index, decisions).any(axis=1)
    return AlgorithmRate(
        algorithm,
        algorithm_cut(menu, algorithm, formats),
        menu.is_classical(algorithm),
        alone=Rate.of(sample.fraction(fired), khz),
        pure=Rate.of(sample.fraction(pure, near=fired), khz),
        proportional=Rate.of(sample.fraction(fired / (1.0 + _rivals(menu, index, decisions))), khz),
    )


def _others(menu: Menu, index: int, decisions: Decisions) -> NDArray[np.bool_]:
    """Bits of the unprescaled algorithms that are not alternatives of algorithm `index`, shape (n, k)."""
    return decisions.before_prescale[:, _other_columns(menu, index)]


def _other_columns(menu: Menu, index: int) -> list[int]:
    mine = menu.algorithms[index]
    return [column for column, other in enumerate(menu.algorithms) if other.prescale.is_one and not other.is_alternative_of(mine)]


def _rivals(menu: Menu, index: int, decisions: Decisions) -> NDArray[np.int64]:
    """How many others fire in each crossing, each set of alternatives counted once, shape (n,)."""
    sets: dict[str, NDArray[np.bool_]] = {}
    for column in _other_columns(menu, index):
        other = menu.algorithms[column]
        key = f"set {other.entry.alternatives}" if other.entry.alternatives else other.name
        bits = decisions.before_prescale[:, column]
        sets[key] = sets[key] | bits if key in sets else bits
    count = np.zeros(decisions.n, dtype=np.int64)
    for bits in sets.values():
        count += bits
    return count


def _kept(menu: Menu, decisions: Decisions, columns: list[int]) -> NDArray[np.float64]:
    """Probability that the OR of `columns` keeps each crossing, shape (n,)."""
    lost = np.ones(decisions.n)
    for column in columns:
        lost *= 1.0 - decisions.before_prescale[:, column] * menu.algorithms[column].prescale.kept_fraction
    return 1.0 - lost
