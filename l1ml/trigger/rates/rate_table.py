"""The rates of a menu: of each algorithm alone, after its prescale, pure and proportional, and of their OR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, nearest
from l1ml.trigger.algorithm_cut import AlgorithmCut
from l1ml.trigger.menus.algorithm import Algorithm
from l1ml.trigger.menus.menu import AlgorithmKind
from l1ml.trigger.rates.overlap import Overlap
from l1ml.trigger.rates.rate import Rate

__all__ = ["AlgorithmRate", "RateTable"]


@dataclass(frozen=True, slots=True)
class AlgorithmRate:
    """Rates of one algorithm: `alone` before its prescale, all others with the prescales of the menu.

    Parameters
    ----------
    algorithm : Algorithm
        Which one.
    cut : AlgorithmCut
        What it cuts on.
    kind : str
        ``classical``, ``crossing_score`` or ``object_score``: see `Menu.kind_of`.
    alone : Rate
        Crossings in which it fires, after the bunch-crossing mask and before its prescale.
    after_prescale : Rate
        `alone` divided by the prescale.
    pure : Rate
        Crossings in which it is kept, no other algorithm of the final OR is, its own alternatives set aside, and no veto: what
        the final OR would lose without it. Of an algorithm that the finor mask takes out: what it would add.
    proportional : Rate
        Each kept crossing shared equally among the algorithms of the final OR that are kept in it; none outside the final OR. A
        set of alternatives counts once as a rival and is kept if any member is. So the proportional rates of all algorithms add
        up to the total, where the loosest stands for its set (the set must have a member that is kept whenever another is).
    pileup_error_khz : float or None
        Of the error of `alone`, what pileup that is drawn from a pool makes, see `with_pileup_errors`; None where that is not
        known, and not in the error.

    Notes
    -----
    Errors count the copies of one generated collision once. A rate that no crossing shows is an upper limit; one that is
    switched off is exactly zero.
    """

    algorithm: Algorithm
    cut: AlgorithmCut
    kind: AlgorithmKind
    alone: Rate
    after_prescale: Rate
    pure: Rate
    proportional: Rate
    pileup_error_khz: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        cut, entry = self.cut, self.algorithm.entry
        return {
            "name": entry.name,
            "kind": self.kind,
            "collection": cut.collection or None,
            "score": cut.score or None,
            "target_khz": cut.target_khz,
            "prescale": entry.prescale.hundredths / 100,
            "alternatives": entry.alternatives,
            "threshold": list(cut.words),
            "threshold_physical": list(cut.physical),
            "unit": cut.unit,
            "in_final_or": entry.in_final_or,
            "is_veto": entry.is_veto,
            **self.alone.to_dict(),
            **({} if self.pileup_error_khz is None else {"pileup_error_khz": self.pileup_error_khz}),
            **self.after_prescale.to_dict("after_prescale_"),
            **self.pure.to_dict("pure_"),
            "proportional_rate_khz": self.proportional.khz,
            "proportional_rate_error_khz": self.proportional.error_khz,
        }


@dataclass(frozen=True, eq=False, slots=True)
class RateTable:
    """Rates of every algorithm of a menu and of their final OR.

    Parameters
    ----------
    rows : tuple of AlgorithmRate
        Of the algorithms that have decisions, in the order of the menu.
    total : Rate
        The final OR: crossings in which an algorithm that enters it is kept and no veto is.
    classical : Rate
        The same with the algorithms on objects only.
    with_score : mapping of str to Rate
        The same with the classical algorithms and this one algorithm on a score.
    crossing_rate_khz : float
        What a fraction of one means.
    unsupported : mapping of str to str
        Why each other algorithm of the menu has no rate: it is not zero, it is not known.
    total_is_lower_bound : bool
        Whether one of those would enter the final OR: the total is then a lower bound, and pure and proportional rates are
        upper bounds.
    correlation : ndarray of float64, shape (k, k), optional
        Correlations of the errors of the rates alone and after prescale, see `rate_correlation`; None where not asked for.
    overlap : Overlap, optional
        How much of each algorithm another one sees; None where not asked for.

    Notes
    -----
    ``rate = n_bunches f_rev sum(w p) / sum(w)`` with the probability p that a crossing is kept.  The state of a prescale counter
    in a sample means nothing: each algorithm keeps a firing with the probability ``1 / prescale`` (0 where it is off),
    independently of the others, and every rate is the exact expectation over that, see `KeptCrossings`.
    """

    rows: tuple[AlgorithmRate, ...]
    total: Rate
    classical: Rate
    with_score: Mapping[str, Rate]
    crossing_rate_khz: float
    unsupported: Mapping[str, str]
    total_is_lower_bound: bool
    correlation: NDArray[np.float64] | None
    overlap: Overlap | None

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

    def to_dict(self, *, correlations: bool = False) -> dict[str, Any]:
        """Plain values for JSON; the k x k numbers of `correlations` on demand, those of the `overlap` have their own."""
        content = {
            "crossing_rate_khz": self.crossing_rate_khz,
            "rows": [row.to_dict() for row in self.rows],
            "total": self.total.to_dict(),
            "classical": self.classical.to_dict(),
            "with_score": {name: rate.to_dict() for name, rate in self.with_score.items()},
            "unsupported": dict(self.unsupported),
            "total_is_lower_bound": self.total_is_lower_bound,
        }
        if not correlations:
            return content
        return {**content, "correlation": None if self.correlation is None else self.correlation.tolist()}
