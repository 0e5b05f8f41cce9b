from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from rate_toy import BruteForce, Case, cases, decisions_of, menu_of
from trigger_toy import SCORE_FORMAT, toy_study

from l1ml.errors import ConfigError, DataError
from l1ml.trigger import WeightedSample, rate_table


def assert_same(rate, expected):
    assert rate.is_upper_limit == expected.is_upper_limit
    assert rate.khz == pytest.approx(expected.khz, rel=1e-12)
    # an error loses digits where nearly all crossings pass, and below a millionth of the rate it is zero
    assert rate.error_khz == pytest.approx(expected.error_khz, rel=1e-8, abs=3e-6 * expected.khz)


@given(cases())
@settings(deadline=None, max_examples=60)
def test_rates_equal_loops_over_crossings_and_coin_flips(case):
    table, exact = case.table, BruteForce(case)
    for i, (row, q) in enumerate(zip(table.rows, exact.kept, strict=True)):

        def fires(fired, i=i):
            return Fraction(fired[i])

        assert_same(row.alone, exact.rate(fires))
        if not q:
            assert (row.after_prescale.khz, row.pure.khz, row.proportional.khz) == (0.0, 0.0, 0.0)
            assert not row.pure.is_upper_limit
            continue
        assert_same(row.after_prescale, exact.rate(fires, factor=q))
        if not row.algorithm.entry.is_veto:
            assert_same(row.pure, exact.rate(lambda fired, i=i: exact.pure(i, fired), fires, q))
        if exact.enters(row.algorithm):
            assert_same(row.proportional, exact.rate(lambda fired, i=i: exact.share(i, fired), factor=q))
        else:
            assert row.proportional.khz == row.proportional.error_khz == 0.0


@given(cases())
@settings(deadline=None, max_examples=60)
def test_unions_equal_loops_over_crossings_and_coin_flips(case):
    table, exact = case.table, BruteForce(case)
    classical = {item.name for item in case.menu.algorithms if case.menu.is_classical(item)}
    unions = {"total": set(case.menu.names), "classical": classical}
    found = {"total": table.total, "classical": table.classical, **table.with_score}
    assert list(table.with_score) == [name for name in case.menu.names if name not in classical]
    for name, rate in found.items():
        chosen = unions.get(name, classical | {name})
        if any(q and exact.enters(item) and item.name in chosen for q, item in zip(exact.kept, exact.items, strict=True)):
            assert_same(rate, exact.rate(lambda fired, chosen=chosen: exact.total(fired, chosen)))
        else:
            assert (rate.khz, rate.error_khz) == (0.0, 0.0)


@given(cases(special=False))
@settings(deadline=None)
def test_proportional_rates_add_up_to_the_total(case):
    table = case.table
    assert sum(row.proportional.khz for row in table.rows) == pytest.approx(table.total.khz, rel=1e-12)


@given(cases(special=False))
@settings(deadline=None)
def test_the_loosest_alternative_stands_for_its_set(case):
    loose, *others = case.menu.algorithms
    options = [
        {"prescale": item.prescale.hundredths / 100, "alternatives": "S" if i == 0 else ""}
        for i, item in enumerate((loose, *others))
    ]
    options[0]["prescale"] = 1
    menu = menu_of(*options, {"prescale": 2.5, "alternatives": "S"})
    bits = [[*row, row[0] and i % 2 == 0] for i, row in enumerate(case.bits)]
    table = Case(menu, bits, case.weight, case.draw).table
    assert sum(row.proportional.khz for row in table.rows[:-1]) == pytest.approx(table.total.khz, rel=1e-12)


@given(cases())
@settings(deadline=None)
def test_pure_is_what_the_final_or_loses_without_the_algorithm(case):
    table = case.table
    sets = [item.entry.alternatives for item in case.menu.algorithms]
    for i, row in enumerate(table.rows):
        entry = row.algorithm.entry
        if not entry.in_final_or or entry.is_veto or (sets[i] and sets.count(sets[i]) > 1):
            continue
        options = [
            {
                "prescale": item.prescale.hundredths / 100 if j != i else 0,
                "in_final_or": item.entry.in_final_or,
                "is_veto": item.entry.is_veto,
            }
            for j, item in enumerate(case.menu.algorithms)
        ]
        without = Case(menu_of(*options), case.bits, case.weight, case.draw).table
        assert table.total.khz - without.total.khz == pytest.approx(row.pure.khz, rel=1e-9, abs=1e-9)


@given(cases(prescales=(0, 1)))
@settings(deadline=None)
def test_without_prescales_shares_are_counted(case):
    options = [{"prescale": item.prescale.hundredths / 100} for item in case.menu.algorithms]
    table = Case(menu_of(*options), case.bits, case.weight, case.draw).table
    used = [row.algorithm.prescale.is_one for row in table.rows]
    for i in np.flatnonzero(used):
        count = [
            (w, sum(bit and on for bit, on in zip(bits, used, strict=True)))
            for bits, w in zip(case.bits, case.weight, strict=True)
        ]
        scale = table.crossing_rate_khz / sum(case.weight)
        alone = [w for (w, n), bits in zip(count, case.bits, strict=True) if bits[i] and n == 1]
        shared = [w / n for (w, n), bits in zip(count, case.bits, strict=True) if bits[i]]
        assert table.rows[i].pure.khz == pytest.approx(scale * sum(alone), rel=1e-12)
        assert table.rows[i].proportional.khz == pytest.approx(scale * sum(shared), rel=1e-12)


def test_prescaled_or_is_the_mean_over_counter_states():
    menu = menu_of({}, {"prescale": 4})
    table = Case(menu, [[False, True], [True, True], [False, False]], [1.0, 1.0, 2.0], [0, 1, 2]).table
    assert table.total.khz == pytest.approx(table.crossing_rate_khz * (0.25 + 1.0) / 4.0, rel=1e-15)


def test_no_crossing_is_an_upper_limit_not_zero():
    menu = menu_of({}, {})
    table = Case(menu, [[True, False]] * 1000, [1.0] * 1000, list(range(1000))).table
    row = table["L1_1"].to_dict()
    assert row["rate_is_upper_limit"]
    assert row["rate_error_khz"] == pytest.approx(1.841 * table.crossing_rate_khz / 1000, rel=1e-3)
    assert row["n_events"] == 0
    assert row["pure_rate_error_khz"] > 0


def test_what_always_fires_has_no_error():
    rng = np.random.default_rng(3)
    table = Case(menu_of({}, {}), [[True, False]] * 500, rng.random(500).tolist(), rng.integers(0, 90, 500).tolist()).table
    assert (table["L1_0"].alone.error_khz, table.total.error_khz) == (0.0, 0.0)


def test_errors_are_the_spread_of_independent_experiments():
    menu = menu_of({}, {"prescale": 2.5}, {"prescale": 3}, {"prescale": 1})
    rng = np.random.default_rng(20261122)
    rates, errors = [], []
    for _ in range(400):
        hard = rng.random((1000, 1)) < 0.3
        bits = rng.random((1000, 4)) < np.where(hard, [0.3, 0.6, 0.7, 0.2], [0.02, 0.1, 0.2, 0.01])
        table = rate_table(menu, decisions_of(menu, bits), WeightedSample.from_arrays(np.ones(1000), np.arange(1000)))
        found = [table.total, *(rate for row in table.rows for rate in (row.after_prescale, row.pure, row.proportional))]
        rates.append([rate.khz for rate in found])
        errors.append([rate.error_khz for rate in found])
    ratio = np.std(rates, axis=0, ddof=1) / np.mean(errors, axis=0)
    assert (np.abs(ratio - 1.0) < 3.0 / np.sqrt(2.0 * 399.0)).all()


def test_rows_of_a_study_carry_words_units_and_physical_values():
    rates = toy_study().rates
    muon, score = rates["L1_SingleMu22"], rates["L1_AXO_loose"]
    assert (muon.cut.words, muon.cut.physical, muon.cut.unit) == ((45,), (22.0,), "GeV")
    assert score.cut.physical == (score.cut.words[0] * SCORE_FORMAT.lsb,)
    assert score.alone.khz <= 300.0
    with pytest.raises(ConfigError, match="did you mean 'L1_ETMHF100'"):
        rates["L1_ETMHF"]


def test_plain_values_say_what_a_table_holds():
    menu = menu_of({"prescale": 2.5}, {"in_final_or": False, "score": True})
    content = Case(menu, [[True, False], [False, True]], [1.0, 3.0], [0, 1]).table.to_dict(correlations=True)
    first, second = content["rows"]
    assert (first["prescale"], first["rate_khz"] / first["after_prescale_rate_khz"], first["in_final_or"]) == (2.5, 2.5, True)
    assert (second["kind"], second["in_final_or"], second["proportional_rate_khz"]) == ("crossing_score", False, 0.0)
    assert (content["unsupported"], content["total_is_lower_bound"]) == ({}, False)
    np.testing.assert_allclose(content["correlation"], [[1.0, -1.0], [-1.0, 1.0]])


def test_decisions_of_another_sample_or_menu_are_refused():
    menu, sample = menu_of({}, {}), WeightedSample.from_arrays(np.ones(4), np.arange(4))
    with pytest.raises(DataError, match="3 decisions do not belong to 4 weights"):
        rate_table(menu, decisions_of(menu, [[True, False]] * 3), sample)
    other = menu_of({})
    with pytest.raises(DataError, match="do not belong to menu 'toy'"):
        rate_table(menu, decisions_of(other, [[True]] * 4), sample)
