"""Crossings a second over a whole menu of the Global Trigger; the goal is 100,000 on one core for the menu of 2024.

Run with: pytest tests/benchmarks/test_ugt_speed.py --benchmark-only
"""

from __future__ import annotations

from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from l1ml.data.ugt_vectors import Crossings, read_vectors
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.evaluation import evaluate
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.reader import read_menu

_ORBITS_AT_ONCE = 4
_CROSSINGS = 1_000_000


def many(menu: Menu, batch: Crossings) -> int:
    """Evaluate batch after batch, nothing kept between them, until there were enough crossings."""
    done = 0
    while done < _CROSSINGS:
        evaluate(menu, Columns.of_crossings(batch))
        done += batch.n
    return done


def test_menu_of_2024_on_data(benchmark: BenchmarkFixture, real_data: Path) -> None:
    folder = real_data / "ugt" / "L1Menu_Collisions2024_v1_3_0-d1"
    menu = read_menu(folder / "L1Menu_Collisions2024_v1_3_0-d1.html.gz")
    batch = Crossings.concatenate([read_vectors(folder / "L1menu_2024_v1_3_0_data_TestVector_000.txt.gz")] * _ORBITS_AT_ONCE)
    done = benchmark.pedantic(many, (menu, batch), rounds=1)
    benchmark.extra_info["crossings_per_s"] = done / benchmark.stats.stats.min
    assert benchmark.extra_info["crossings_per_s"] > 0
