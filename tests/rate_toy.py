"""Random menus with bits, and their rates by explicit loops over crossings and over all outcomes of the prescales' coin flips."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import hypot, sqrt
from typing import Any

import numpy as np
from hypothesis import strategies as st
from trigger_toy import menu_with

from l1ml.trigger import Algorithm, Decisions, Menu, RateTable
from l1ml.trigger.rates.intervals import poisson_upper_limit
from l1ml.trigger.rates.rate_tally import RateTally

PRESCALES = (0, 1, 1, 1, 2, 2.5, 3.01, 1_000_000)
SCORE = "AXO[AXO-MODEL_axo, AXO-SCORE_5]"


def menu_of(*options: dict[str, Any]) -> Menu:
    """Menu of the algorithms L1_0, L1_1, ... with the keys of each; `score` makes one an anomaly algorithm."""
    kinds = [SCORE if keys.get("score") else "MU5" for keys in options]
    more = {f"L1_{i}": {key: value for key, value in keys.items() if key != "score"} for i, keys in enumerate(options)}
    return menu_with(*kinds, **more)


def decisions_of(menu: Menu, bits: Any) -> Decisions:
    """Decisions that say `bits` (n, k); those after the prescale are wrong on purpose, as rates may not read them."""
    values = np.asarray(bits, dtype=np.bool_).reshape(len(bits), len(menu.names))
    return Decisions(tuple(item.entry for item in menu.algorithms), values, values, ~values)


@dataclass
class Case:
    """A menu and crossings with weights and draws."""

    menu: Menu
    bits: list[list[bool]]
    weight: list[float]
    draw: list[int]

    @property
    def table(self) -> RateTable:
        tally = RateTally(self.menu)
        tally.add(decisions_of(self.menu, self.bits), self.weight, self.draw)
        return tally.table()


@st.composite
def cases(draw: Any, *, prescales: tuple[float, ...] = PRESCALES, special: bool = True) -> Case:
    """Up to six algorithms; `special` ones are alternatives, vetoes, outside the final OR or on scores."""
    options = []
    for _ in range(draw(st.integers(1, 6))):
        keys: dict[str, Any] = {"prescale": draw(st.sampled_from(prescales))}
        if special:
            keys |= {"alternatives": draw(st.sampled_from(["", "", "A", "B"])), "score": draw(st.booleans())}
            kind = draw(st.sampled_from([{}, {}, {}, {}, {"in_final_or": False}, {"is_veto": True}]))
            keys |= kind
        options.append(keys)
    menu = menu_of(*options)
    bits = st.lists(st.booleans(), min_size=len(options), max_size=len(options))
    crossing = st.tuples(bits, st.floats(0.1, 5.0), st.integers(0, 7))
    rows = draw(st.lists(crossing, min_size=2, max_size=9).filter(lambda found: len({item[2] for item in found}) > 1))
    return Case(menu, *(list(column) for column in zip(*rows, strict=True)))


@dataclass
class Expected:
    """A rate in kHz by the definitions, and its error."""

    khz: float
    error_khz: float
    is_upper_limit: bool


Probability = Callable[[list[bool]], Fraction]


class BruteForce:
    """Rates of a case, exact until the last square root."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.items = case.menu.algorithms
        self.kept = [Fraction(100, item.prescale.hundredths) if not item.prescale.is_off else Fraction(0) for item in self.items]

    def flips(self, fired: list[bool], forced: int | None = None) -> Iterable[tuple[Fraction, list[bool]]]:
        """Every outcome of the coin flips with its probability; the algorithm `forced` is kept."""
        tossed = [i for i, bit in enumerate(fired) if bit]
        for flips in product([False, True], repeat=len(tossed)):
            chance, kept = Fraction(1), [False] * len(fired)
            for i, flip in zip(tossed, flips, strict=True):
                q = Fraction(1) if i == forced else self.kept[i]
                chance *= q if flip else 1 - q
                kept[i] = flip
            if chance:
                yield chance, kept

    def enters(self, item: Algorithm) -> bool:
        return item.entry.in_final_or and not item.entry.is_veto

    def vetoed(self, kept: list[bool]) -> bool:
        return any(bit and item.entry.is_veto for bit, item in zip(kept, self.items, strict=True))

    def total(self, fired: list[bool], chosen: set[str]) -> Fraction:
        inside = [item.name in chosen and self.enters(item) for item in self.items]
        return sum(
            (
                chance
                for chance, kept in self.flips(fired)
                if not self.vetoed(kept) and any(a and b for a, b in zip(kept, inside, strict=True))
            ),
            Fraction(0),
        )

    def rivals(self, index: int, kept: list[bool]) -> set[str]:
        """Names of the other algorithms and sets of alternatives that are kept and enter the final OR."""
        mine = self.items[index]
        others = [item for bit, item in zip(kept, self.items, strict=True) if bit and self.enters(item)]
        return {item.entry.alternatives or item.name for item in others if not item.is_alternative_of(mine)}

    def pure(self, index: int, fired: list[bool]) -> Fraction:
        flips = self.flips(fired, index)
        return sum(
            (chance for chance, kept in flips if kept[index] and not self.vetoed(kept) and not self.rivals(index, kept)),
            Fraction(0),
        )

    def share(self, index: int, fired: list[bool]) -> Fraction:
        return sum(
            (
                chance / (1 + len(self.rivals(index, kept)))
                for chance, kept in self.flips(fired, index)
                if kept[index] and not self.vetoed(kept)
            ),
            Fraction(0),
        )

    def per_draw(self, probability: Probability) -> list[Fraction]:
        sums = dict.fromkeys(self.case.draw, Fraction(0))
        for fired, weight, draw in zip(self.case.bits, self.case.weight, self.case.draw, strict=True):
            sums[draw] += Fraction(weight) * probability(fired)
        return list(sums.values())

    def covariance(self, one: Probability, other: Probability) -> Fraction:
        weights, a, b = self.per_draw(lambda _: Fraction(1)), self.per_draw(one), self.per_draw(other)
        total, n = sum(weights), len(weights)
        r_a, r_b = sum(a) / total, sum(b) / total
        products = ((x - r_a * w) * (y - r_b * w) for x, y, w in zip(a, b, weights, strict=True))
        return Fraction(n, n - 1) * sum(products) / total**2

    def rate(self, probability: Probability, near: Probability | None = None, factor: Fraction = Fraction(1)) -> Expected:
        """Rate of the crossings that pass with `probability`, times `factor`."""
        scale = self.case.menu.rates.khz * float(factor)
        passing, total = self.per_draw(probability), sum(self.per_draw(lambda _: Fraction(1)))
        around = self.per_draw(near) if near else []
        if not sum(around):
            around = self.per_draw(lambda _: Fraction(1))
        unit = float(sum(value**2 for value in around) / sum(around) / total)
        if not sum(passing):
            return Expected(0.0, scale * poisson_upper_limit() * unit, is_upper_limit=True)
        unseen = unit if near and float(max(passing) / total) < unit * (1 - 1e-9) else 0.0
        spread = sqrt(self.covariance(probability, probability))
        return Expected(
            scale * float(sum(passing) / total), scale * hypot(spread, poisson_upper_limit() * unseen), is_upper_limit=False
        )
