from __future__ import annotations

import numpy as np
import pytest
from ugt_toy import crossing_of, decided, random_crossings, toy_menu

from l1ml.data.ugt_crossings import Crossings
from l1ml.trigger.mismatch import limit_ceiling
from l1ml.trigger.replay import replay

MENU = toy_menu("MU5-1")


@pytest.fixture
def orbit(rng: np.random.Generator) -> Crossings:
    return random_crossings(rng, 3564)


def without_bits(crossings: Crossings, bits: bool = False) -> Crossings:
    """The same crossings with every algorithm bit off, or on."""
    algorithms = np.zeros((crossings.n, 512), dtype=np.bool_)
    algorithms[:, 0] = bits
    return Crossings.from_words(crossings.era, crossings.words, externals=crossings.externals, algorithms=algorithms)


def test_bit_without_an_object_next_door_is_evidence(orbit: Crossings) -> None:
    own = decided(MENU, orbit)
    bits = own.algorithms.copy()
    bits[np.flatnonzero(~bits[:, 0])[0], 0] = True
    wrong = Crossings.from_words(own.era, own.words, externals=own.externals, algorithms=bits)
    (item,) = replay(MENU, [wrong]).mismatches
    fact = f"1 of {bits[:, 0].sum()} set bits have no object that passes in the neighbouring line"
    assert item.cause == f"the lines of the file are not consecutive crossings: {fact}"


def test_no_bit_of_a_neighbour_is_evidence_over_all_batches(orbit: Crossings) -> None:
    own, none = decided(MENU, orbit), without_bits(orbit)
    fires = int(own.algorithms[:, 0].sum())
    report = replay(MENU, [none, none])
    assert f"not one of the {2 * fires} bits that ask for MU5 of the neighbouring line is set" in report.mismatches[0].cause
    assert report.notes == (
        f"algorithms that ask for objects of a neighbouring crossing (1): {2 * fires} bits here, 0 in the vectors, 0 in both",
    )
    (item,) = replay(MENU, [own, none]).mismatches
    assert item.cause == "open"


def test_signal_that_no_crossing_carries_is_evidence() -> None:
    menu = toy_menu("MUS1")
    lit = crossing_of({"muon_shower": [{"mus1": 1}]})
    (item,) = replay(menu, [without_bits(crossing_of({}, 4), bits=True)]).mismatches
    assert item.cause.endswith("4 set bits ask for MUS1, and none of the 4 crossings has it")
    (item,) = replay(menu, [without_bits(crossing_of({}, 4), bits=True), without_bits(lit, bits=True)]).mismatches
    assert item.cause == "open"


@pytest.mark.parametrize(("era", "eta", "explained"), [("2016", 60, True), ("2018", 60, False), ("2016", 10, False)])
def test_upper_limits_that_the_writer_did_not_know(era: str, eta: int, explained: bool) -> None:
    jets = [{"pt": 800, "eta": -eta}, {"pt": 800, "eta": eta}]
    (item,) = replay(toy_menu("mass_inv{JET30, JET30}[MASS_MIN_40]"), [crossing_of({"jet": jets}, era=era)]).mismatches
    assert item.cause.startswith("all 1 bits agree if no upper limit is above 1000000") if explained else item.cause == "open"


def test_limit_ceiling_of_each_era() -> None:
    assert [limit_ceiling(era) for era in ("2016", "2018", "2025")] == [10**6, 10**8, 10**8]
