from __future__ import annotations

import json
from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rate_toy import BruteForce, Case, cases, decisions_of, menu_of

from l1ml.errors import ConfigError
from l1ml.trigger import Decisions, Prescale
from l1ml.trigger.menus.prescale_table import PrescaleTable
from l1ml.trigger.rates.column_tally import ColumnTally, column_costs

HUNDREDTHS = st.sampled_from([0, 100, 100, 200, 250, 1000])


def table_of(menu, **columns):
    indices = tuple(item.index for item in menu.algorithms)
    return PrescaleTable(menu.names, indices, {name: tuple(Prescale(v) for v in values) for name, values in columns.items()})


def with_column(case, values):
    """The same case with the prescales of a column."""
    options = [
        {
            "prescale": value / 100,
            "score": not case.menu.is_classical(item),
            "alternatives": item.entry.alternatives,
            "in_final_or": item.entry.in_final_or,
            "is_veto": item.entry.is_veto,
        }
        for item, value in zip(case.menu.algorithms, values, strict=True)
    ]
    return Case(menu_of(*options), case.bits, case.weight, case.draw)


@given(cases(), st.data())
@settings(deadline=None, max_examples=50)
def test_costs_equal_the_rate_tables_of_each_column(case, data):
    k = len(case.menu.names)
    columns = {name: data.draw(st.lists(HUNDREDTHS, min_size=k, max_size=k)) for name in ("now", "next", "same")}
    columns["same"] = columns["now"]
    tally = ColumnTally(case.menu, table_of(case.menu, **columns), tuple(columns))
    tally.add(decisions_of(case.menu, case.bits), case.weight, case.draw)
    costs = tally.costs()
    here, there = with_column(case, columns["next"]), with_column(case, columns["now"])
    for name, one in (("now", there), ("next", here), ("same", there)):
        table, cost = one.table, costs[name]
        assert cost.total.khz == pytest.approx(table.total.khz, rel=1e-12)
        assert cost.total.error_khz == pytest.approx(table.total.error_khz, rel=1e-8, abs=1e-4)
        for row, item in zip(table.rows, cost.algorithms, strict=True):
            assert item.after_prescale == row.after_prescale
            assert item.pure.khz == pytest.approx(row.pure.khz, rel=1e-12)
    exact, reference = BruteForce(here), BruteForce(there)
    names = set(case.menu.names)

    def change(fired) -> Fraction:
        return exact.total(fired, names) - reference.total(fired, names)

    found, scale = costs["next"].difference, case.menu.rates.khz
    expected = exact.per_draw(change)
    weight = float(sum(exact.per_draw(lambda _: Fraction(1))))
    assert found.khz == pytest.approx(scale * float(sum(expected)) / weight, rel=1e-9, abs=1e-9)
    if any(change(fired) for fired in case.bits):
        error = scale * sqrt(exact.covariance(change, change))
        assert found.error_khz == pytest.approx(error, rel=1e-7, abs=3e-6 * abs(found.khz) + 1e-9)
    assert (costs["same"].difference.khz, costs["same"].difference.error_khz) == (0.0, 0.0)


@given(cases(), st.lists(st.integers(0, 7), max_size=4), st.randoms())
@settings(deadline=None, max_examples=30)
def test_costs_are_the_same_however_crossings_are_divided_and_merged(case, labels, random):
    columns = {"now": [250] * len(case.menu.names), "next": [101] * len(case.menu.names)}
    table = table_of(case.menu, **columns)
    whole, merged = (ColumnTally(case.menu, table, tuple(columns)) for _ in range(2))
    whole.add(decisions_of(case.menu, case.bits), case.weight, case.draw)
    draws = np.array(case.draw)
    parts = [np.flatnonzero(np.isin(draws, labels)), np.flatnonzero(~np.isin(draws, labels))]
    random.shuffle(parts)
    for rows in parts:
        tally = ColumnTally(case.menu, table, tuple(columns))
        tally.add(decisions_of(case.menu, np.array(case.bits)[rows]), np.array(case.weight)[rows], draws[rows])
        merged.merge(tally.state)
    assert merged.costs().to_dict() == whole.costs().to_dict()


def test_the_error_of_a_difference_knows_that_the_crossings_are_the_same(rng):
    menu = menu_of({}, {})
    table = table_of(menu, now=[100, 1000], next=[100, 900])
    costs = column_costs(menu, table, ["now", "next"], [decisions_of(menu, rng.random((5000, 2)) < [0.2, 0.01])])
    difference = costs["next"].difference
    assert difference.khz > 0
    assert difference.error_khz < 0.02 * costs["next"].total.error_khz
    assert difference.n_events == costs["next"].algorithms[1].pure.n_events
    assert difference.khz == pytest.approx(costs["next"].algorithms[1].pure.khz - costs["now"].algorithms[1].pure.khz, rel=1e-9)


def test_algorithms_that_change_most_come_first(rng):
    menu = menu_of({}, {}, {}, {})
    table = table_of(menu, now=[100, 100, 0, 500], next=[100, 200, 1000, 0], other=[100, 100, 0, 500])
    costs = column_costs(menu, table, ["now", "next", "other"], [decisions_of(menu, rng.random((2000, 4)) < 0.3)] * 2)
    changes = costs.changes("next")
    assert [item.name for item, _ in changes] == ["L1_1", "L1_3", "L1_2"]
    assert [change > 0 for _, change in changes] == [False, False, True]
    assert costs.changes("other") == ()
    content = json.loads(json.dumps(costs.to_dict(), allow_nan=False))
    assert (content["reference"], [column["name"] for column in content["columns"]]) == ("now", ["now", "next", "other"])
    assert [change["name"] for change in content["columns"][1]["changes"]] == ["L1_1", "L1_3", "L1_2"]
    assert content["columns"][1]["algorithms"][2]["prescale"] == 10.0


def test_prescales_that_no_crossing_tells_apart_leave_a_limit():
    menu = menu_of({}, {})
    table = table_of(menu, now=[100, 100], next=[100, 200])
    costs = column_costs(menu, table, ["now", "next"], [decisions_of(menu, [[True, False], [False, False]] * 500)])
    difference = costs["next"].difference
    assert (difference.khz, difference.is_upper_limit) == (0.0, True)
    assert difference.error_khz == pytest.approx(1.841 * menu.rates.khz / 1000, rel=1e-3)


def test_columns_that_are_not_there_or_stand_twice_are_refused():
    menu = menu_of({}, {})
    table = table_of(menu, now=[100, 100], next=[100, 200])
    for columns in ([], ["now", "now"]):
        with pytest.raises(ConfigError, match="one or more columns"):
            ColumnTally(menu, table, columns)
    with pytest.raises(ConfigError, match="did you mean 'next'"):
        ColumnTally(menu, table, ["now", "nex"])
    costs = column_costs(menu, table, ["now"], [decisions_of(menu, [[True, False], [False, False]])])
    with pytest.raises(ConfigError, match="no costs of column 'next'"):
        costs["next"]


def test_an_algorithm_without_decision_counts_where_its_column_uses_it():
    menu = menu_of({}, {"score": True})
    bits = np.array([[True], [False]])
    decisions = Decisions((menu.algorithms[0].entry,), bits, bits, bits, {"L1_1": "no network"})
    costs = column_costs(menu, table_of(menu, now=[100, 0], next=[100, 100]), ["now", "next"], [decisions])
    assert [column.total_is_lower_bound for column in costs.columns] == [False, True]
    assert costs.unsupported == {"L1_1": "no network"}
