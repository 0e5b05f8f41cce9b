from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rate_toy import cases, decisions_of, menu_of

from l1ml.errors import DataError
from l1ml.trigger import Decisions
from l1ml.trigger.rates.rate_tally import RateTally


def table_of(menu, bits, cuts, weight=None, draw=None):
    tally = RateTally(menu)
    for first, last in zip([0, *cuts], [*cuts, len(bits)], strict=True):
        part = slice(first, last)
        tally.add(
            decisions_of(menu, np.array(bits)[part]),
            None if weight is None else weight[part],
            None if draw is None else draw[part],
        )
    return tally.table()


def same(table, other):
    """Whether two tables are equal to the last bit."""
    pairs = [(table.overlap.counts, other.overlap.counts), (table.overlap.fraction, other.overlap.fraction)]
    pairs.append((table.correlation, other.correlation))
    return table.to_dict() == other.to_dict() and all(np.array_equal(*pair, equal_nan=True) for pair in pairs)


@given(cases(), st.lists(st.integers(0, 9), max_size=4))
@settings(deadline=None)
def test_any_split_of_unweighted_crossings_gives_the_same(case, cuts):
    cuts = sorted(min(cut, len(case.bits)) for cut in cuts)
    assert same(table_of(case.menu, case.bits, []), table_of(case.menu, case.bits, cuts))


@given(cases(), st.lists(st.integers(0, 7), max_size=4), st.randoms())
@settings(deadline=None)
def test_any_split_between_draws_gives_the_same_in_any_order_and_however_merged(case, labels, random):
    order = sorted(range(len(case.bits)), key=lambda row: case.draw[row])
    bits, weight, draw = ([column[row] for row in order] for column in (case.bits, case.weight, case.draw))
    cuts = sorted({sum(label < cut for label in draw) for cut in labels})
    whole = table_of(case.menu, case.bits, [], case.weight, case.draw)
    assert same(whole, table_of(case.menu, bits, cuts, weight, draw))
    parts = []
    for first, last in zip([0, *cuts], [*cuts, len(bits)], strict=True):
        parts.append(RateTally(case.menu))
        parts[-1].add(decisions_of(case.menu, np.array(bits)[first:last]), weight[first:last], draw[first:last])
    random.shuffle(parts)
    merged = RateTally(case.menu)
    for part in parts:
        merged.merge(part.state)
    assert same(whole, merged.table())


@pytest.mark.parametrize("pairs", ["overlap", "none"])
def test_pairs_on_demand_change_nothing_else(rng, pairs):
    menu, bits, weight = menu_of({}, {"prescale": 2.5}), rng.random((50, 2)) < 0.5, rng.random(50)
    table = table_of(menu, bits, [], weight)
    tally = RateTally(menu, pairs=pairs)
    tally.add(decisions_of(menu, bits), weight)
    other = tally.table()
    assert other.correlation is None
    assert other.to_dict(correlations=True) == {**table.to_dict(), "correlation": None}
    if pairs == "none":
        assert other.overlap is None
    else:
        np.testing.assert_array_equal(other.overlap.fraction, table.overlap.fraction)


def test_states_of_other_algorithms_are_refused():
    menu = menu_of({}, {})
    tally, other = RateTally(menu), RateTally(menu)
    tally.add(decisions_of(menu, [[True, False]]))
    other.add(unsupported(menu, "L1_1"))
    with pytest.raises(DataError, match=r"decides 1 algorithms \(L1_0\), the first one 2"):
        tally.merge(other.state)
    with pytest.raises(DataError, match="received no decisions"):
        _ = RateTally(menu).state


def test_a_long_stream_is_its_pieces(rng):
    menu = menu_of({}, {"prescale": 2.5}, {"alternatives": "A"}, {"alternatives": "A", "prescale": 7})
    bits, weight = rng.random((30_000, 4)) < [0.1, 0.3, 0.02, 0.05], rng.random(30_000)
    bits[rng.random(30_000) < 0.5] = False
    assert same(table_of(menu, bits, []), table_of(menu, bits, list(range(97, 30_000, 971))))
    assert same(table_of(menu, bits, [], weight), table_of(menu, bits, [], weight, rng.permutation(30_000)))


def test_weights_of_one_and_own_draws_change_nothing(rng):
    menu = menu_of({}, {"prescale": 2.5})
    bits = rng.random((500, 2)) < 0.2
    assert same(table_of(menu, bits, []), table_of(menu, bits, [], np.ones(500), np.arange(500)))


def unsupported(menu, name):
    """Decisions on two crossings of all algorithms but `name`."""
    entries = tuple(item.entry for item in menu.algorithms if item.name != name)
    bits = np.array([[True] * len(entries), [False] * len(entries)])
    return Decisions(entries, bits, bits, bits, {name: "no network"})


@pytest.mark.parametrize(("options", "is_lower_bound"), [({}, True), ({"prescale": 0}, False), ({"in_final_or": False}, False)])
def test_an_algorithm_without_decision_makes_the_total_a_lower_bound(options, is_lower_bound):
    menu = menu_of({}, {"score": True, **options})
    tally = RateTally(menu)
    tally.add(unsupported(menu, "L1_1"))
    content = tally.table().to_dict()
    assert [row["name"] for row in content["rows"]] == ["L1_0"]
    assert content["unsupported"] == {"L1_1": "no network"}
    assert content["total_is_lower_bound"] == is_lower_bound
    assert content["with_score"] == {}


def test_a_veto_without_decision_is_refused():
    menu = menu_of({}, {"is_veto": True})
    with pytest.raises(DataError, match=r"the veto L1_1 has no decision, .* no network"):
        RateTally(menu).add(unsupported(menu, "L1_1"))


def test_batches_of_other_algorithms_are_refused():
    menu = menu_of({}, {})
    tally = RateTally(menu)
    tally.add(decisions_of(menu, [[True, False]]))
    with pytest.raises(DataError, match=r"decides 1 algorithms \(L1_0\), the first one 2 algorithms"):
        tally.add(unsupported(menu, "L1_1"))
    changed = menu.with_entries(lambda entry: replace(entry, masked_bx=(3,)))
    with pytest.raises(DataError, match="batches of one menu only"):
        tally.add(decisions_of(changed, [[True, False]]))


@pytest.mark.parametrize(
    ("weight", "draw", "message"),
    [
        ([1.0], None, "2 crossings need one weight and one draw each"),
        (None, [1, 2, 3], "2 crossings need one weight and one draw each"),
        ([1.0, -1.0], None, "not negative"),
        ([0.0, 0.0], None, "not all of weight zero"),
        (None, [5, 5], "2 crossings of 1 draw"),
    ],
)
def test_bad_samples(weight, draw, message):
    menu = menu_of({})
    tally = RateTally(menu)

    def rates():
        tally.add(decisions_of(menu, [[True], [False]]), weight, draw)
        return tally.table()

    with pytest.raises(DataError, match=message):
        rates()


def test_an_empty_batch_adds_nothing_and_no_batch_has_no_rates():
    menu = menu_of({})
    tally = RateTally(menu)
    with pytest.raises(DataError, match="received no decisions"):
        tally.table()
    tally.add(decisions_of(menu, np.zeros((0, 1))))
    with pytest.raises(DataError, match="received 0 crossings"):
        tally.table()
    tally.add(decisions_of(menu, [[True], [False]]))
    assert tally.table().total.khz == pytest.approx(menu.rates.khz / 2.0)


def test_memory_does_not_grow_with_the_crossings(rng):
    menu = menu_of({}, {"prescale": 2.5})
    tally = RateTally(menu)

    def held():
        return len(pickle.dumps(tally.state))

    tally.add(decisions_of(menu, rng.random((100, 2)) < 0.5))
    before = held()
    tally.add(decisions_of(menu, rng.random((50_000, 2)) < 0.5))
    assert held() <= before + 500  # more digits, no more numbers
