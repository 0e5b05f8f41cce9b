"""Conditions between objects against every choice, one crossing after another, in the integers of Python."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product
from math import prod

import numpy as np
import pytest
from ugt_toy import random_crossings, toy_menu

from l1ml.data.ugt_crossings import Crossings
from l1ml.trigger.conditions import correlations
from l1ml.trigger.conditions.columns import COLLECTIONS, Columns
from l1ml.trigger.conditions.lut_tables import CALO, CALO_MUON, MUON, Geometry, pt_table, unconstrained_pt_table
from l1ml.trigger.evaluation import Evaluator, Unsupported
from l1ml.trigger.menus.requirements import ConditionRequirement, CorrelationCut, ObjectRequirement

EXPRESSIONS = (
    "comb{MU5, MU0}[CHGCOR_OS]",
    "comb{MU5[MU-QLTY_12], MU0, MU0}[CHGCOR_LS]",
    "dist{JET50, JET30}[DETA_MAX_1]",
    "dist{JET30, JET30}[DETA_MAX_1, DPHI_MIN_2]",
    "dist{MU5, JET30}[DR_MAX_0p4]",
    "dist{JET50, EG10-1}[DR_MAX_0p4]",
    "dist{JET30, JET30+1}[DPHI_MIN_2]",
    "mass_inv{MU5, MU0}[MASS_10to20, CHGCOR_OS]",
    "mass_inv{EG10, TAU20}[MASS_MIN_40]",
    "mass_inv{JET30, EG10}[MASS_10to20]",
    "mass_inv{MU5, EG10}[MASS_10to20]",
    "mass_inv_upt{MU0, MU5}[MASSUPT_10to20]",
    "mass_inv_dr{MU0, MU5}[MASSDR_AT]",
    "mass_inv_dr{JET30, EG10}[MASSDR_AT]",
    "mass_inv_3{MU5, MU0, MU0}[MASS_10to20]",
    "mass_trv{EG10, ETM50}[MASS_MIN_40]",
    "dist{TAU20, TAU20}[TBPT_MIN_30]",
    "comb_orm{TAU20, JET30}[ORMDR_0p5]",
    "dist_orm{TAU20, JET50}[DETA_MAX_1, ORMDR_0p5]",
    "comb_orm{JET80, JET30}[ORMDETA_FAR]",
    "comb_orm{TAU20, EG10, JET50}[ORMDR_0p5]",
    "comb_orm{TAU20, TAU20, TAU20, JET50}[ORMDR_0p5, ORMDETA_0p2]",
    "dist_orm{JET50, JET30, TAU20}[DETA_MAX_1, ORMDR_0p5]",
    "mass_inv_orm{JET30, JET30, TAU20}[MASS_MIN_40, ORMDR_0p5]",
    "mass_trv_orm{JET30, JET30, TAU20}[MASS_MIN_40, ORMDR_0p5]",
)

_PT_BITS = {"MU": 9, "EG": 9, "TAU": 9, "JET": 11}

Taken = tuple[ObjectRequirement, int, int]
"""A requirement, and the row and slot of the object that is taken for it."""


@dataclass(frozen=True)
class Two:
    """Two objects and their words."""

    crossings: Crossings
    first: Taken
    second: Taken

    @property
    def geometry(self) -> Geometry:
        muons = [taken[0].object == "MU" for taken in (self.first, self.second)]
        return MUON if all(muons) else CALO_MUON if any(muons) else CALO

    def words(self, name: str) -> list[int]:
        return [word(self.crossings, taken, name) for taken in (self.first, self.second)]

    def places(self, name: str) -> list[int]:
        items = zip(self.words(name), (self.first, self.second), strict=True)
        return [4 * w + 2 if self.geometry is CALO_MUON and taken[0].object != "MU" else w for w, taken in items]

    def steps(self, name: str) -> int:
        first, second = self.places(name)
        return abs(first - second)

    def pts(self) -> list[int]:
        tables = [
            pt_table(_PT_BITS.get(taken[0].object, 12), muon=taken[0].object == "MU") for taken in (self.first, self.second)
        ]
        return [int(table[w]) for table, w in zip(tables, self.words("pt"), strict=True)]

    def angle(self) -> int:
        return int(self.geometry.cosh_deta()[self.steps("eta")]) - int(self.geometry.cos_dphi()[self.steps("phi")])

    def deta(self) -> int:
        return int(self.geometry.deta()[self.steps("eta")])

    def dphi(self) -> int:
        return int(self.geometry.dphi()[self.steps("phi")])

    def mass(self) -> int:
        return prod(self.pts()) * self.angle()

    def mass_upt(self) -> int:
        return prod(int(unconstrained_pt_table()[w]) for w in self.words("unconstrained_pt")) * self.angle()

    def mass_trv(self) -> int:
        return prod(self.pts()) * (10**self.geometry.math_precision - int(self.geometry.cos_dphi()[self.steps("phi")]))

    def mass_over_dr(self) -> int:
        width = 2 if self.geometry is MUON else 1
        eta, phi = (abs(first // width - second // width) for first, second in (self.words("eta"), self.words("phi")))
        inverse = int(self.geometry.inverse_dr_squared()[eta, min(phi, self.geometry.phi_bins // width - phi)])
        return self.mass() * inverse if inverse else 2**63 - 1

    def tbpt(self) -> int:
        one = 10**self.geometry.math_precision
        tables = (self.geometry.cos_phi(), self.geometry.sin_phi())
        overlap = sum(prod(int(table[phi]) for phi in self.places("phi")) for table in tables)
        return sum(pt * pt for pt in self.pts()) * one * one + 2 * prod(self.pts()) * overlap

    def value(self, kind: str) -> tuple[int, int]:
        """The quantity and its precision."""
        math = self.geometry.math_precision
        precision = {"deta": 3, "dphi": 3, "dr": 6, "tbpt": 2 + 2 * math, "mass_over_dr": 7 + math}.get(kind, 2 + math)
        return (self.deta() ** 2 + self.dphi() ** 2 if kind == "dr" else getattr(self, kind)()), precision


def word(crossings: Crossings, taken: Taken, name: str) -> int:
    item, row, slot = taken
    return int(crossings.objects[COLLECTIONS[item.object]][name][row + item.bx_offset, slot])


class ByHand:
    """Decisions one choice at a time, on the tables alone."""

    def __init__(self, crossings: Crossings, evaluator: Evaluator) -> None:
        self.crossings, self.evaluator = crossings, evaluator

    def value(self, kind: str, first: Taken, second: Taken) -> tuple[int, int]:
        return Two(self.crossings, first, second).value(kind)

    def inside(self, cut: CorrelationCut, value: int, precision: int) -> bool:
        unit = 10 ** max(precision, cut.precision)
        return (
            cut.minimum * (unit // 10**cut.precision)
            <= value * (unit // 10**precision)
            <= cut.maximum * (unit // 10**cut.precision)
        )

    def passes(self, condition: ConditionRequirement, cut: CorrelationCut, choice: list[Taken]) -> bool:
        if cut.kind == "charge":
            charges = [word(self.crossings, taken, "charge") for taken in choice]
            valid = all(word(self.crossings, taken, "charge_valid") for taken in choice)
            return valid and (len(set(charges)) == 1) == (cut.text == "ls")
        if condition.kind == "mass_three":
            values = [self.value("mass", choice[i], choice[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
            return self.inside(cut, sum(value for value, _ in values), values[0][1])
        kind = "mass_trv" if cut.kind == "mass" and condition.function.startswith("mass_trv") else cut.kind
        kind = "mass_upt" if kind == "mass" and condition.kind == "mass_upt" else kind
        return self.inside(cut, *self.value(kind.removeprefix("orm_"), choice[0], choice[1]))

    def fires(self, condition: ConditionRequirement, row: int, *, every: bool) -> bool:
        """Whether any choice passes; with `every`, near no reference at all."""
        removes = condition.kind == "overlap_removal"
        legs = condition.objects[:-1] if removes else condition.objects
        choices = self.choices(legs, row)
        if not removes:
            return any(all(self.passes(condition, cut, choice) for cut in condition.cuts) for choice in choices)
        references = [reference for (reference,) in self.choices(condition.objects[-1:], row)]
        return any(self.away(condition, choice, references, every=every) for choice in choices)

    def away(self, condition: ConditionRequirement, choice: list[Taken], references: list[Taken], *, every: bool) -> bool:
        """Whether a choice is away from a reference, or from every, and passes the other cuts."""
        removal = [cut for cut in condition.cuts if cut.kind.startswith("orm_")]
        others = [cut for cut in condition.cuts if cut not in removal]
        near = [any(self.passes(condition, cut, [leg, item]) for leg in choice for cut in removal) for item in references]
        return any(
            not (any(near) if every else close)
            and all(self.passes(condition, cut, choice if len(choice) > 1 else [*choice, item]) for cut in others)
            for item, close in zip(references, near, strict=True)
        )

    def choices(self, legs: tuple[ObjectRequirement, ...], row: int) -> list[list[Taken]]:
        slots = [np.flatnonzero(self.evaluator.objects(leg)[:, row]).tolist() for leg in legs]
        return [
            [(leg, row, slot) for leg, slot in zip(legs, taken, strict=True)]
            for taken in product(*slots)
            if all(
                taken[i] != taken[j] or (legs[i].object, legs[i].bx_offset) != (legs[j].object, legs[j].bx_offset)
                for i, j in permutations(range(len(legs)), 2)
            )
        ]


@pytest.mark.parametrize(("era", "block"), [("2024", 2048), ("2024", 7), ("2018", 2048)])
def test_every_choice_of_every_crossing(era: str, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(correlations, "_BLOCK", block)
    crossings = random_crossings(np.random.default_rng(11), 40, era)
    menu = toy_menu(*EXPRESSIONS)
    evaluator = Evaluator(menu, Columns.of_crossings(crossings))
    by_hand = ByHand(crossings, evaluator)
    fired = 0
    for condition in menu.conditions.values():
        decision = evaluator.condition(condition.name)
        if era == "2018" and condition.kind == "mass_upt":
            assert isinstance(decision, Unsupported)
            continue
        assert not isinstance(decision, Unsupported), decision.reason
        every = era < "2022" and len(condition.objects) == 3 and condition.function != "comb_orm"
        expected = [by_hand.fires(condition, row, every=every) for row in range(crossings.n)]
        assert decision.tolist() == expected, condition.name
        fired += any(expected) and not all(expected)
    assert fired >= len(EXPRESSIONS) - 4
