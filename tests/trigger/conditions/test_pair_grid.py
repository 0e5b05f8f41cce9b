from __future__ import annotations

import numpy as np
import pytest
from ugt_toy import random_crossings

from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.conditions.pair_grid import Block, between, limits
from l1ml.trigger.conditions.quantities import quantity_of
from l1ml.trigger.menus.requirements import UNLIMITED, ConditionRequirement, CorrelationCut

JETS, MUONS = ("jet", 0), ("muon", 0)
CUTS = [
    CorrelationCut("deta", "DETA", 0, 1000, 3),
    CorrelationCut("dr", "DR", 200, UNLIMITED, 3),
    CorrelationCut("mass", "MASS", 300, 90000, 1),
]


@pytest.mark.parametrize(("precision", "expected"), [(3, (12300, 45600)), (1, (123, 456)), (0, (13, 45)), (2, (1230, 4560))])
def test_limits_at_another_precision(precision: int, expected: tuple[int, int]) -> None:
    assert limits(CorrelationCut("dr", "DR", 123, 456, 1), precision) == expected


def test_between_includes_its_limits() -> None:
    values = np.array([1, 2, 3, 4], dtype=np.int32)
    assert between(values, 2, 3, 4).tolist() == [False, True, True, False]
    assert between(values, 5, 9, 4).tolist() == [False] * 4
    assert between(values, 3, UNLIMITED * 10**6, 4).tolist() == [False, False, True, True]


@pytest.mark.parametrize("share", [0.05, 0.9])
@pytest.mark.parametrize(("first", "second", "once"), [(JETS, JETS, True), (JETS, JETS, False), (JETS, MUONS, False)])
def test_few_candidates_give_the_same_as_many(
    first: tuple[str, int], second: tuple[str, int], *, once: bool, share: float
) -> None:
    rng = np.random.default_rng(7)
    columns = Columns.of_crossings(random_crossings(rng, 60))
    masks = {place: rng.random(columns.field(place[0], "pt").shape) < share for place in (first, second)}
    grid = Block(columns, slice(0, 60), masks).grid(first, second, once=once)
    assert (grid.where is None) == (share > 0.5)
    everything = {place: np.ones_like(mask) for place, mask in masks.items()}
    full = Block(columns, np.arange(60), everything).grid(first, second, once=once)
    condition = ConditionRequirement("C", "invariant_mass", ())
    cuts = [(cut, quantity_of(cut, condition)) for cut in CUTS]
    found = grid.crossings(grid.selected(masks[first], masks[second]), cuts)
    expected = full.crossings(full.selected(masks[first], masks[second]), cuts)
    assert found.tolist() == expected.tolist()
    assert share < 0.5 or found.sum() > 0
