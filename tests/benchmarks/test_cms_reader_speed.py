"""Events a second out of CMS files, beside uproot or h5py reading the same branches into memory.

Run with: pytest tests/benchmarks/test_cms_reader_speed.py --benchmark-only
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml.data.readers.calo_regions import iterate_calo_regions
from l1ml.data.readers.l1ntuple import iterate_l1ntuple
from l1ml.data.readers.l1ntuple_contents import contents_of
from l1ml.data.readers.nanoaod import iterate_nanoaod
from l1ml.data.readers.nanoaod_contents import contents_of as nano_contents_of
from l1ml.data.readers.root_trees import root_trees

pytest.importorskip("uproot")
from root_toy import nano_toy, ntuple_toy, uproot, write_tree

_NANO_EVENTS, _NTUPLE_EVENTS, _REGION_EVENTS = 100_000, 4_000, 20_000


def compared(benchmark: BenchmarkFixture, ours: Callable[[], int], plain: Callable[[], int], n: int, path: Path) -> None:
    """Time both, best of three, and report rates and their ratio."""
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        assert plain() == n
        seconds.append(time.perf_counter() - start)
    assert benchmark.pedantic(ours, rounds=3) == n
    best = benchmark.stats.stats.min
    benchmark.extra_info |= {
        "events_per_s": n / best,
        "file_MB_per_s": path.stat().st_size / best / 1e6,
        "plain_events_per_s": n / min(seconds),
        "time_over_plain": best / min(seconds),
    }


def test_nanoaod(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    path = tmp_path / "nano.root"
    write_tree(path, {"Events": nano_toy(np.random.default_rng(1), _NANO_EVENTS).columns}, per_basket=10_000)
    with root_trees(path) as trees:
        branches = nano_contents_of(trees["Events"], 0, None, None).branches

    def plain() -> int:
        with uproot.open(path) as file:
            return len(file["Events"].arrays(filter_name=branches, how=dict)["event"])

    compared(benchmark, lambda: sum(part.n for part in iterate_nanoaod(path)), plain, _NANO_EVENTS, path)


def test_l1ntuple(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    path = tmp_path / "ntuple.root"
    write_tree(path, ntuple_toy(np.random.default_rng(1), _NTUPLE_EVENTS), per_basket=1000)
    with root_trees(path) as trees:
        branches = contents_of(path, trees, "unpacked", 0, None).branches

    def plain() -> int:
        with uproot.open(path) as file:
            counts = {len(next(iter(file[name].arrays(filter_name=own, how=dict).values()))) for name, own in branches.items()}
        return counts.pop()

    compared(benchmark, lambda: sum(part.n for part in iterate_l1ntuple(path)), plain, _NTUPLE_EVENTS, path)


def test_calo_regions(benchmark: BenchmarkFixture, real_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "regions.hdf5"
    with h5py.File(real_data / "l1-calo-regions" / "HInv.hdf5") as source, h5py.File(path, "w") as file:
        rows = np.tile(source["l1Region_cyl"][:], (_REGION_EVENTS // 2000, 1, 1))
        file.create_dataset("l1Region_cyl", data=rows, chunks=(500, 144, 3), compression="gzip", compression_opts=1)

    def plain() -> int:
        with h5py.File(path) as file:
            return sum(len(file["l1Region_cyl"][start : start + 2000]) for start in range(0, _REGION_EVENTS, 2000))

    compared(benchmark, lambda: sum(part.n for part in iterate_calo_regions(path)), plain, _REGION_EVENTS, path)
