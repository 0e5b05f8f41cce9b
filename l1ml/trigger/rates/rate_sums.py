"""What a tally of rates holds, as values that can be added, kept in a file and sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from l1ml.trigger.rates.draw_sums import DrawSums
from l1ml.trigger.rates.draw_tally import DrawTally
from l1ml.trigger.rates.pair_sums import PairSums
from l1ml.trigger.rates.sample_tally import SampleTally

__all__ = ["ColumnState", "ColumnSums", "PairChoice", "RateState", "RateSums"]

PairChoice: TypeAlias = Literal["all", "overlap", "none"]
"""Which sums over pairs of algorithms there are."""


@dataclass(frozen=True, eq=False, slots=True)
class RateSums:
    """Sums behind the rates of `k` algorithms and `u` final ORs.

    Parameters
    ----------
    alone, pure, shared : DrawTally of k
        Firings before the prescale, pure ones and proportional shares.
    total : DrawTally of u
        Crossings that each OR keeps.
    pairs : PairSums, optional
        Firings of pairs.
    """

    alone: DrawTally
    pure: DrawTally
    shared: DrawTally
    total: DrawTally
    pairs: PairSums | None

    def __add__(self, other: RateSums) -> RateSums:
        """Sums over both; no draw may be in both."""
        pairs = None if self.pairs is None or other.pairs is None else self.pairs + other.pairs
        return RateSums(
            self.alone + other.alone, self.pure + other.pure, self.shared + other.shared, self.total + other.total, pairs
        )

    @property
    def rounded(self) -> tuple[DrawSums, DrawSums, DrawSums, DrawSums]:
        """The sums alone, pure, shared and total, each rounded once."""
        return self.alone.sums, self.pure.sums, self.shared.sums, self.total.sums


@dataclass(frozen=True, eq=False, slots=True)
class RateState:
    """A tally of rates.

    Parameters
    ----------
    unsupported : mapping of str to str
        Why each other algorithm of the menu has no decision.
    sample : SampleTally
        All crossings.
    sums : RateSums
        Of the algorithms that have decisions.
    """

    unsupported: Mapping[str, str]
    sample: SampleTally
    sums: RateSums


@dataclass(frozen=True, eq=False, slots=True)
class ColumnSums:
    """Sums behind the costs of `u` different prescale columns.

    Parameters
    ----------
    alone : DrawTally of k
        Firings before the prescale.
    total, difference : DrawTally of u
        Crossings that each column keeps, and those less the ones of the first.
    pure : tuple of DrawTally of k
        Pure firings in each column.
    """

    alone: DrawTally
    total: DrawTally
    difference: DrawTally
    pure: tuple[DrawTally, ...]

    def __add__(self, other: ColumnSums) -> ColumnSums:
        """Sums over both; no draw may be in both."""
        pure = tuple(one + another for one, another in zip(self.pure, other.pure, strict=True))
        return ColumnSums(self.alone + other.alone, self.total + other.total, self.difference + other.difference, pure)


@dataclass(frozen=True, eq=False, slots=True)
class ColumnState:
    """A tally of the costs of columns; parameters as of `RateState`."""

    unsupported: Mapping[str, str]
    sample: SampleTally
    sums: ColumnSums
