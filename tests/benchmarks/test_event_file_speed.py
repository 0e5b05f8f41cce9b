"""Crossings a second into and out of event files of 57 words, beside plain h5py with the same arrays, chunks and filters.

Run with: pytest tests/benchmarks/test_event_file_speed.py --benchmark-only
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture
from toy import toy_events

from l1ml.data import LEVEL1_SCHEMA, Events, EventWriter, iterate_events
from l1ml.data.batches import BatchSource
from l1ml.data.event_checks import check_events
from l1ml.data.event_layout import BLOCK_ROWS, disk_columns

_CROSSINGS = 500_000
_ROWS = 8 * BLOCK_ROWS
_FILTERS: dict[str, dict[str, Any]] = {
    "none": {},
    "lzf": {"compression": "lzf"},
    "shuffle_lzf": {"compression": "lzf", "shuffle": True},
    "shuffle_lzf_fletcher32": {"compression": "lzf", "shuffle": True, "fletcher32": True},
    "shuffle_gzip1": {"compression": "gzip", "compression_opts": 1, "shuffle": True},
}


@pytest.fixture(scope="module")
def events() -> Events:
    return toy_events(_CROSSINGS, np.random.default_rng(1))


def write(path: Path, events: Events) -> Path:
    with EventWriter(path, LEVEL1_SCHEMA, process="toy", provenance={}) as writer:
        for start in range(0, len(events), _ROWS):
            writer.append(events.select(slice(start, start + _ROWS)))
    return path


def write_plain(path: Path, columns: Mapping[str, NDArray[Any]], options: Mapping[str, Any]) -> None:
    with h5py.File(path, "w") as file:
        for name, column in columns.items():
            shape = (BLOCK_ROWS, *column.shape[1:])
            file.create_dataset(name, (0, *shape[1:]), column.dtype, chunks=shape, maxshape=(None, *shape[1:]), **options)
        for start in range(0, _CROSSINGS, _ROWS):
            for name, column in columns.items():
                piece = column[start : start + _ROWS]
                file[name].resize(start + len(piece), axis=0)
                file[name][start:] = piece


def read_plain(path: Path) -> None:
    with h5py.File(path) as file:
        names: list[str] = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        for start in range(0, _CROSSINGS, _ROWS):
            for name in names:
                file[name][start : start + _ROWS]


def seconds(function: Callable[[], object]) -> float:
    """Best of three."""
    times = []
    for _ in range(3):
        began = perf_counter()
        function()
        times.append(perf_counter() - began)
    return min(times)


def note(benchmark: BenchmarkFixture, columns: Mapping[str, NDArray[Any]], plain: float) -> None:
    """Crossings and bytes a second, and how long it takes in units of plain h5py."""
    own = benchmark.stats.stats.min
    size = sum(column.nbytes for column in columns.values())
    benchmark.extra_info.update(
        {"crossings_per_s": _CROSSINGS / own, "mb_per_s": size / own / 1e6, "times_plain_h5py": own / plain}
    )
    assert own > 0


@pytest.mark.parametrize("filters", list(_FILTERS))
def test_filters(benchmark: BenchmarkFixture, tmp_path: Path, events: Events, filters: str) -> None:
    columns, path = dict(disk_columns(events)), tmp_path / "plain.h5"
    benchmark.pedantic(write_plain, (path, columns, _FILTERS[filters]), rounds=3)
    size, reading = path.stat().st_size, seconds(lambda: read_plain(path))
    own = benchmark.stats.stats.min
    benchmark.extra_info.update(
        {"bytes_per_crossing": size / _CROSSINGS, "written_per_s": _CROSSINGS / own, "read_per_s": _CROSSINGS / reading}
    )
    assert size > 0


def test_writing(benchmark: BenchmarkFixture, tmp_path: Path, events: Events) -> None:
    columns = dict(disk_columns(events))
    benchmark.pedantic(write, (tmp_path / "a.h5", events), rounds=3)
    note(benchmark, columns, seconds(lambda: write_plain(tmp_path / "b.h5", columns, _FILTERS["shuffle_lzf_fletcher32"])))


def test_reading(benchmark: BenchmarkFixture, tmp_path: Path, events: Events) -> None:
    columns, path = dict(disk_columns(events)), write(tmp_path / "a.h5", events)
    write_plain(tmp_path / "b.h5", columns, _FILTERS["shuffle_lzf_fletcher32"])
    benchmark.pedantic(lambda: sum(len(batch) for batch in iterate_events(path)), rounds=3)
    note(benchmark, columns, seconds(lambda: read_plain(tmp_path / "b.h5")))


def test_checking(benchmark: BenchmarkFixture, tmp_path: Path, events: Events) -> None:
    columns, path = dict(disk_columns(events)), write(tmp_path / "a.h5", events)
    write_plain(tmp_path / "b.h5", columns, _FILTERS["shuffle_lzf_fletcher32"])
    benchmark.pedantic(check_events, (path,), rounds=3)
    note(benchmark, columns, seconds(lambda: read_plain(tmp_path / "b.h5")))


def test_batches(benchmark: BenchmarkFixture, tmp_path: Path, events: Events) -> None:
    """Shuffled training batches of 2048, beside slices of shuffled arrays in memory."""
    path, columns = write(tmp_path / "a.h5", events), dict(disk_columns(events))
    features, order = events.features().astype(np.float32), np.random.default_rng(1).permutation(_CROSSINGS)
    memory = seconds(lambda: [features[order[start : start + 2048]] for start in range(0, _CROSSINGS, 2048)])

    def epoch() -> int:
        with BatchSource([path], batch_size=2048) as source:
            return sum(len(source[index][2]) for index in range(len(source)))

    assert benchmark.pedantic(epoch, rounds=3) == _CROSSINGS
    note(benchmark, columns, memory)
    benchmark.extra_info["times_memory"] = benchmark.extra_info.pop("times_plain_h5py")
