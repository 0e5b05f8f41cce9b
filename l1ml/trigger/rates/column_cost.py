"""What each column of a prescale table would cost: its total rate, and the algorithms that make the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from l1ml.errors import ConfigError, nearest
from l1ml.trigger.menus.prescale import Prescale
from l1ml.trigger.rates.rate import Rate

__all__ = ["AlgorithmCost", "ColumnCost", "ColumnCosts", "RateDifference"]


@dataclass(frozen=True, slots=True)
class RateDifference:
    """Difference of two total rates on the same crossings.

    Parameters
    ----------
    khz : float
        The difference, of either sign.
    error_khz : float
        One standard deviation of the difference, far below those of the two rates; where `is_upper_limit`, the 68.27 % upper
        limit of what the difference may be.
    n_events : int
        Raw crossings that the two treat differently.
    is_upper_limit : bool
        True when the prescales differ but no crossing of the sample shows it.
    """

    khz: float
    error_khz: float
    n_events: int
    is_upper_limit: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "difference_khz": self.khz,
            "difference_error_khz": self.error_khz,
            "difference_n_events": self.n_events,
            "difference_is_upper_limit": self.is_upper_limit,
        }


@dataclass(frozen=True, slots=True)
class AlgorithmCost:
    """One algorithm in one column.

    Parameters
    ----------
    name : str
        The algorithm.
    prescale : Prescale
        Its prescale in the column.
    after_prescale, pure : Rate
        As in `AlgorithmRate`, with the prescales of the column.
    """

    name: str
    prescale: Prescale
    after_prescale: Rate
    pure: Rate

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "name": self.name,
            "prescale": self.prescale.hundredths / 100,
            **self.after_prescale.to_dict("after_prescale_"),
            **self.pure.to_dict("pure_"),
        }


@dataclass(frozen=True, slots=True)
class ColumnCost:
    """One column of the table.

    Parameters
    ----------
    name : str
        The column.
    total : Rate
        The final OR with its prescales.
    difference : RateDifference
        Of the total to that of the reference column.
    algorithms : tuple of AlgorithmCost
        Of the algorithms that have decisions, in the order of the menu.
    total_is_lower_bound : bool
        Whether an algorithm without a decision would enter the final OR; the difference then lacks what it changes.
    """

    name: str
    total: Rate
    difference: RateDifference
    algorithms: tuple[AlgorithmCost, ...]
    total_is_lower_bound: bool


@dataclass(frozen=True, slots=True)
class ColumnCosts:
    """Columns of a prescale table on the same crossings.

    Parameters
    ----------
    columns : tuple of ColumnCost
        In the order asked for; the first is the reference of all differences.
    unsupported : mapping of str to str
        Why each other algorithm of the menu has no rate.
    """

    columns: tuple[ColumnCost, ...]
    unsupported: Mapping[str, str]

    @property
    def reference(self) -> ColumnCost:
        """The column that the others are compared with."""
        return self.columns[0]

    def __getitem__(self, name: str) -> ColumnCost:
        """Column called `name`.

        Raises
        ------
        ConfigError
            If it was not asked for.
        """
        for column in self.columns:
            if column.name == name:
                return column
        msg = f"no costs of column {name!r}; {nearest(name, [column.name for column in self.columns])}"
        raise ConfigError(msg)

    def changes(self, name: str) -> tuple[tuple[AlgorithmCost, float], ...]:
        """Algorithms with another prescale in column `name` than in the reference, those that change most first.

        Each stands with its change in kHz of the rate after prescale, which other algorithms may see too; what only it costs is
        its pure rate.

        Raises
        ------
        ConfigError
            If the column was not asked for.
        """
        pairs = zip(self[name].algorithms, self.reference.algorithms, strict=True)
        changed = [(here, here.after_prescale.khz - there.after_prescale.khz) for here, there in pairs if _differ(here, there)]
        return tuple(sorted(changed, key=lambda item: (-abs(item[1]), -item[0].pure.khz)))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        columns = [
            {
                "name": column.name,
                **column.total.to_dict(),
                **column.difference.to_dict(),
                "total_is_lower_bound": column.total_is_lower_bound,
                "algorithms": [item.to_dict() for item in column.algorithms],
                "changes": [{"name": item.name, "change_khz": change} for item, change in self.changes(column.name)],
            }
            for column in self.columns
        ]
        return {"reference": self.reference.name, "columns": columns, "unsupported": dict(self.unsupported)}


def _differ(here: AlgorithmCost, there: AlgorithmCost) -> bool:
    return here.prescale != there.prescale
