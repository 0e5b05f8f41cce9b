"""Crossings a second of the rates of a whole menu, prescales, pure, shares, errors and pairs; less time than the decisions take.

Run with: pytest tests/benchmarks/test_rate_speed.py --benchmark-only
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml.data.ugt_vectors import Crossings, read_vectors
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.decisions import Decisions, decide
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.prescale_table import PrescaleTable, read_prescale_table
from l1ml.trigger.menus.reader import read_menu
from l1ml.trigger.rates.column_tally import ColumnTally
from l1ml.trigger.rates.rate_tally import RateTally

_ORBITS_AT_ONCE = 4
_CROSSINGS = 1_000_000
_COLUMN = "2p0E34"


def inputs(real_data: Path, vectors: str) -> tuple[Menu, PrescaleTable, Decisions]:
    """The menu of 2024 with the prescales of one column, and its decisions on several copies of an orbit."""
    folder = real_data / "ugt" / "L1Menu_Collisions2024_v1_3_0-d1"
    table = read_prescale_table(folder / "prescales.csv")
    column = table.column(_COLUMN)
    menu = read_menu(folder / "L1Menu_Collisions2024_v1_3_0-d1.html.gz")
    menu = menu.with_entries(lambda entry: replace(entry, prescale=column[entry.name]))
    batch = Crossings.concatenate([read_vectors(folder / vectors)] * _ORBITS_AT_ONCE)
    return menu, table, decide(menu, Columns.of_crossings(batch))


def many(tally: RateTally | ColumnTally, decisions: Decisions, crossings: int) -> int:
    """Add batch after batch until there were enough crossings."""
    done = 0
    while done < crossings:
        tally.add(decisions)
        done += decisions.n
    return done


@pytest.mark.parametrize("vectors", ["data_TestVector_000", "ttBar_TestVector_003"])
def test_rates_of_the_menu_of_2024(benchmark: BenchmarkFixture, real_data: Path, vectors: str) -> None:
    menu, _, decisions = inputs(real_data, f"L1menu_2024_v1_3_0_{vectors}.txt.gz")
    tally = RateTally(menu)
    done = benchmark.pedantic(many, (tally, decisions, _CROSSINGS), rounds=1)
    benchmark.extra_info["firings_per_crossing"] = float(decisions.before_prescale.sum() / decisions.n)
    benchmark.extra_info["crossings_per_s"] = done / benchmark.stats.stats.min
    assert benchmark.extra_info["crossings_per_s"] > 0


def test_costs_of_all_columns_of_2024(benchmark: BenchmarkFixture, real_data: Path) -> None:
    menu, table, decisions = inputs(real_data, "L1menu_2024_v1_3_0_data_TestVector_000.txt.gz")
    tally = ColumnTally(menu, table, tuple(table.columns))
    done = benchmark.pedantic(many, (tally, decisions, _CROSSINGS // 4), rounds=1)
    benchmark.extra_info["crossings_per_s"] = done / benchmark.stats.stats.min
    assert benchmark.extra_info["crossings_per_s"] > 0
