from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trigger_toy import SCORE_FORMAT, toy_study

from l1ml.errors import ConfigError, DataError
from l1ml.trigger import (
    Algorithm,
    CrossingRate,
    Decisions,
    Menu,
    ObjectCondition,
    ScoreCondition,
    WeightedSample,
    rate_table,
)

NAMES = ("L1_A", "L1_B", "L1_C", "L1_X1", "L1_X2")
CROSSINGS = st.lists(
    st.tuples(st.lists(st.booleans(), min_size=4, max_size=4), st.floats(0.1, 5.0), st.integers(0, 9)), min_size=3, max_size=40
).filter(lambda rows: len({group for _, _, group in rows}) > 1)


def toy_menu(prescale: int = 1) -> Menu:
    classical = [Algorithm(name, ObjectCondition("jet", (20.0,)), prescale if name == "L1_C" else 1) for name in NAMES[:3]]
    points = [Algorithm(name, ScoreCondition("axo", cut, "d"), alternatives="AXO") for name, cut in (("L1_X1", 9), ("L1_X2", 5))]
    return Menu("toy", "1", CrossingRate(), (*classical, *points))


def table_of(rows, prescale=1):
    """Rate table of bits for A, B, C and the loose point; the tight point fires in every second crossing of the loose one."""
    bits = np.array([row[0] for row in rows])
    tight = bits[:, 3] & (np.arange(len(rows)) % 2 == 0)
    bits = np.column_stack([bits[:, :3], tight, bits[:, 3]])
    weight, group = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
    menu = toy_menu(prescale)
    sample = WeightedSample.from_arrays(weight, group)
    return rate_table(menu, Decisions(menu.names, bits, bits, bits), sample), bits, weight


@given(CROSSINGS, st.sampled_from([0, 1, 3]))
@settings(deadline=None)
def test_rates_equal_a_loop_over_crossings(rows, prescale):
    table, bits, weight = table_of(rows, prescale)
    unprescaled = [name for name in NAMES if name != "L1_C" or prescale == 1]
    for name in NAMES:
        alone = pure = shared = 0.0
        for crossing, w in zip(bits, weight, strict=True):
            fired = dict(zip(NAMES, crossing, strict=True))
            if not fired[name]:
                continue
            alone += w
            mine = {"L1_X1", "L1_X2"} if name.startswith("L1_X") else {name}
            others = [other for other in unprescaled if other not in mine and fired[other]]
            pure += 0.0 if others else w
            shared += w / (1 + len({other[:4] for other in others}))
        scale = table.crossing_rate_khz / weight.sum()
        row = table[name]
        assert row.alone.khz == pytest.approx(scale * alone)
        assert row.pure.khz == pytest.approx(scale * pure)
        assert row.proportional.khz == pytest.approx(scale * shared)
        assert row.pure.khz <= row.alone.khz <= table.crossing_rate_khz * (1 + 1e-12)


@given(CROSSINGS)
@settings(deadline=None)
def test_proportional_rates_add_up_to_the_total(rows):
    table, _, _ = table_of(rows)
    parts = [table[name].proportional.khz for name in NAMES if name != "L1_X1"]  # the loosest point stands for its set
    assert sum(parts) == pytest.approx(table.total.khz)


@given(CROSSINGS)
@settings(deadline=None)
def test_an_anomaly_seed_adds_its_pure_rate_to_the_classical_ones(rows):
    table, _, _ = table_of(rows)
    for name in ("L1_X1", "L1_X2"):
        assert table.with_anomaly[name].khz == pytest.approx(table.classical.khz + table[name].pure.khz)


def test_prescaled_or_is_the_mean_over_counter_states():
    rows = [([False, False, True, False], 1.0, 0), ([True, False, True, False], 1.0, 1), ([False] * 4, 2.0, 2)]
    table, _, _ = table_of(rows, prescale=4)
    assert table.total.khz == pytest.approx(table.crossing_rate_khz * (0.25 + 1.0) / 4.0)


def test_no_crossing_is_an_upper_limit_not_zero():
    rows = [([True, False, False, False], 1.0, group) for group in range(1000)]
    table, _, _ = table_of(rows)
    row = table["L1_B"].to_dict()
    assert row["rate_is_upper_limit"]
    assert row["rate_error_khz"] == pytest.approx(1.841 * table.crossing_rate_khz / 1000, rel=1e-3)
    assert row["n_events"] == 0
    assert row["pure_rate_error_khz"] > 0


def test_rows_of_a_study_carry_words_units_and_physical_values():
    rates = toy_study().rates
    muon, score = rates["L1_SingleMu22"], rates["L1_AXO_loose"]
    assert (muon.algorithm.thresholds, muon.thresholds_physical, muon.unit) == ((45,), (22.0,), "GeV")
    assert score.thresholds_physical == (score.algorithm.thresholds[0] * SCORE_FORMAT.lsb,)
    assert score.alone.khz <= 300.0
    with pytest.raises(ConfigError, match="did you mean 'L1_MET100'"):
        rates["L1_MET"]


def test_decisions_of_another_sample_are_refused():
    menu, bits = toy_menu(), np.zeros((3, 5), dtype=np.bool_)
    with pytest.raises(DataError, match="do not belong"):
        rate_table(menu, Decisions(NAMES, bits, bits, bits), WeightedSample.from_arrays(np.ones(4), np.arange(4)))
