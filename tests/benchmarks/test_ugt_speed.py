"""Crossings a second over whole menus of the Global Trigger; the goal is 100,000 on one core for the menu of 2024.

The ``data`` vectors hold a few objects a crossing, the ``ttBar`` vectors nearly as many as there are slots.

Run with: OMP_NUM_THREADS=1 pytest tests/benchmarks/test_ugt_speed.py --benchmark-only
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml.data.ugt_vectors import Crossings, read_vectors
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.evaluation import evaluate
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.reader import read_menu

_ORBITS_AT_ONCE = 4
_MANY, _FEW = 1_000_000, 100_000
_VECTORS = {
    "2024_data": ("L1Menu_Collisions2024_v1_3_0-d1", "L1menu_2024_v1_3_0_data_TestVector_000.txt.gz", _MANY),
    "2024_ttbar": ("L1Menu_Collisions2024_v1_3_0-d1", "L1menu_2024_v1_3_0_ttBar_TestVector_003.txt.gz", _FEW),
    "2025_data": ("L1Menu_Collisions2025_v1_0_1-d1", "L1Menu_Collisions2025_v1_0_1_TestVector_data_000.txt.gz", _FEW),
    "2025_ttbar": ("L1Menu_Collisions2025_v1_0_1-d1", "L1Menu_Collisions2025_v1_0_1_TestVector_ttBar_000.txt.gz", _FEW),
    "2023_ttbar": ("L1Menu_Collisions2023_v1_3_1-d1", "TestVector_L1Menu_Collision2023_v1_3_1_ttBar.txt.gz", _FEW),
}


def many(menu: Menu, batch: Crossings, n_crossings: int) -> tuple[int, float]:
    """Evaluate batch after batch, nothing kept between them, until there were enough crossings; and the processor time."""
    done, start = 0, time.process_time()
    while done < n_crossings:
        evaluate(menu, Columns.of_crossings(batch))
        done += batch.n
    return done, time.process_time() - start


@pytest.mark.parametrize("name", list(_VECTORS))
def test_whole_menu(benchmark: BenchmarkFixture, real_data: Path, name: str) -> None:
    folder, vectors, n_crossings = _VECTORS[name]
    menu = read_menu(real_data / "ugt" / folder / f"{folder}.html.gz")
    batch = Crossings.concatenate([read_vectors(real_data / "ugt" / folder / vectors)] * _ORBITS_AT_ONCE)
    done, seconds = benchmark.pedantic(many, (menu, batch, n_crossings), rounds=1)
    benchmark.extra_info["crossings_per_s"] = done / seconds
    assert benchmark.extra_info["crossings_per_s"] > 0
