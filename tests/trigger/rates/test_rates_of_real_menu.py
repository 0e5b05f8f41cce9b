from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from l1ml.data.ugt_vectors import iterate_vectors
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.decisions import decide
from l1ml.trigger.menus.prescale_table import read_prescale_table
from l1ml.trigger.menus.reader import read_menu
from l1ml.trigger.rates.column_tally import ColumnTally
from l1ml.trigger.rates.rate_tally import RateTally

COLUMNS = ("2p0E34", "1p8E34", "1p4E34", "2p0E34_OnlyMuons", "Emergency")


@pytest.mark.parametrize("vectors", ["data_TestVector_000", "ttBar_TestVector_003"])
def test_menu_of_2024_with_its_prescales(real_data, vectors):
    folder = real_data / "ugt" / "L1Menu_Collisions2024_v1_3_0-d1"
    table = read_prescale_table(folder / "prescales.csv")
    menu = read_menu(folder / "L1Menu_Collisions2024_v1_3_0-d1.html.gz")
    column = table.column(COLUMNS[0])
    menu = menu.with_entries(lambda entry: replace(entry, prescale=column[entry.name]))
    tally, costs = RateTally(menu), ColumnTally(menu, table, COLUMNS)
    counts = 0
    for crossings in iterate_vectors(folder / f"L1menu_2024_v1_3_0_{vectors}.txt.gz", chunk=1000):
        decisions = decide(menu, Columns.of_crossings(crossings))
        tally.add(decisions)
        costs.add(decisions)
        counts += decisions.before_prescale.sum(axis=0)
    rates, cost = tally.table(), costs.costs()
    assert [row.alone.n_events for row in rates.rows] == np.asarray(counts).tolist()
    assert len(rates.rows) + len(rates.unsupported) == len(menu.algorithms)
    assert rates.total_is_lower_bound == bool(rates.unsupported)
    assert sum(row.proportional.khz for row in rates.rows) == pytest.approx(rates.total.khz, rel=1e-12)
    assert all(row.pure.khz <= row.proportional.khz <= row.after_prescale.khz * (1 + 1e-12) for row in rates.rows)
    assert np.linalg.eigvalsh(rates.correlation).min() > -1e-9
    assert cost.reference.total == rates.total
    changed = [len(cost.changes(name)) for name in COLUMNS]
    assert changed[0] == 0
    assert min(changed[1:]) > 0
    assert cost["1p4E34"].total.khz >= cost["1p8E34"].total.khz >= cost["2p0E34"].total.khz > cost["2p0E34_OnlyMuons"].total.khz
