"""One second of LHC, 40 million crossings, from an event file to a decision file, and what bounds it; a whole menu, too.

Run with: pytest tests/benchmarks/test_second_of_lhc.py --benchmark-only -s
The default is a fortieth of a second; ``L1ML_CROSSINGS=40000000`` is all of it, in a file of 6 GB. That is not
compressed, because lzf under the lock of HDF5 would take longer than all else; ``L1ML_COMPRESS=1`` shows it, in 2 GB.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from toy import toy_events
from trigger_toy import menu_with

from l1ml.data import LEVEL1_SCHEMA, EventWriter
from l1ml.data.event_file import EventFile
from l1ml.data.jobs.crew import crew_of
from l1ml.data.ugt_vectors import Crossings, read_vectors
from l1ml.emulation.blas_threads import one_blas_thread
from l1ml.emulation.portable import PortableNetwork, read_network
from l1ml.model.operations import Dense
from l1ml.trigger.crossing_source import CrossingBatch, CrossingSource
from l1ml.trigger.decisions import FinalDecisionLogic
from l1ml.trigger.file_emulation import Emulation, emulate_files
from l1ml.trigger.menus.reader import read_menu
from l1ml.trigger.menus.toml_menu import toml_of_menu
from l1ml.trigger.partitions.emulation_question import EmulationQuestion
from l1ml.trigger.partitions.emulation_run import emulate_partitions

AXO = Path(__file__).parents[2] / "models" / "axo"
BATCH = 65536
CROSSINGS = int(os.environ.get("L1ML_CROSSINGS", "1000000"))
COMPRESS = bool(int(os.environ.get("L1ML_COMPRESS", "0")))
SECOND = 40_000_000


@pytest.fixture(scope="module")
def axo() -> PortableNetwork:
    return read_network(AXO)


@pytest.fixture(scope="module")
def crossings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Toy crossings, the same words in each batch, with numbers of their own."""
    path = tmp_path_factory.mktemp("second") / "crossings.h5"
    events = toy_events(BATCH, np.random.default_rng(1))
    with EventWriter(path, LEVEL1_SCHEMA, process="toy", provenance={}, compress=COMPRESS) as writer:
        for start in range(0, CROSSINGS, BATCH):
            rows = np.arange(start, min(start + BATCH, CROSSINGS))
            numbers = {"orbit": rows // 3564, "bx": rows % 3564}
            some = replace(events.select(slice(0, len(rows))), event=rows.astype(np.uint64), crossing=numbers)
            writer.append(some)
    return path


def test_from_file_to_decisions(benchmark: BenchmarkFixture, axo: PortableNetwork, crossings: Path, tmp_path: Path) -> None:
    menu = menu_with("AXO[AXO-MODEL_axo, AXO-SCORE_5]", networks={"axo": axo.digest})
    emulation, output = Emulation({"axo": axo}, menu), tmp_path / "decisions.h5"

    def run() -> float:
        start = process_time()
        assert emulate_files(emulation, [CrossingSource(crossings)], output, threads=2) == CROSSINGS
        return process_time() - start

    cpu = benchmark.pedantic(run, rounds=1 if CROSSINGS > BATCH * 64 else 3)
    wall = benchmark.stats.stats.min
    found = {
        "seconds for one second of LHC": wall * SECOND / CROSSINGS,
        "ns per crossing": wall / CROSSINGS * 1e9,
        "ns of CPU per crossing": cpu / CROSSINGS * 1e9,
        "bytes per crossing in the file": crossings.stat().st_size / CROSSINGS,
        "bytes per crossing in the output": output.stat().st_size / CROSSINGS,
        "largest memory (MB)": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        **limits(axo, crossings),
    }
    benchmark.extra_info.update(found)
    sys.stderr.write("".join(f"\n{name}: {value:.4g}" for name, value in found.items()) + "\n")


def test_by_two_processes(benchmark: BenchmarkFixture, axo: PortableNetwork, crossings: Path, tmp_path: Path) -> None:
    """As ``l1ml emulate --workers 2``: no interpreter and no lock of HDF5 is shared.

    Each process imports for 0.3 s, which is all that one sees of few crossings; 40 million of them show the rest. What bounds it
    is the processor: no part of the file is waited for, and partitions are put together while others are computed.
    """
    menu = tmp_path / "menu.toml"
    menu.write_text(toml_of_menu(menu_with("AXO[AXO-MODEL_axo, AXO-SCORE_5]", networks={"axo": axo.digest})))
    question = EmulationQuestion.of((AXO,), menu=menu)

    def run() -> float:
        start = cpu_seconds()
        with crew_of(2) as crew:
            assert emulate_partitions(question, [crossings], tmp_path / "decisions.h5", crew) == CROSSINGS
        return cpu_seconds() - start

    cpu = benchmark.pedantic(run, rounds=1 if CROSSINGS > BATCH * 64 else 3)
    wall = benchmark.stats.stats.min
    found = {
        "seconds for one second of LHC": wall * SECOND / CROSSINGS,
        "ns per crossing": wall / CROSSINGS * 1e9,
        "ns of CPU per crossing": cpu / CROSSINGS * 1e9,
    }
    benchmark.extra_info.update(found)
    sys.stderr.write("".join(f"\n{name}: {value:.4g}" for name, value in found.items()) + "\n")


def cpu_seconds() -> float:
    """Of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(item.ru_utime + item.ru_stime for item in used)


def limits(axo: PortableNetwork, crossings: Path) -> dict[str, float]:
    """What each part of the machine would need for a crossing if it did nothing else, in ns of one core or of the disk."""
    flops = sum(2 * item.kernel.size * item.positions for item in axo.network.operations if isinstance(item, Dense))
    square, words = np.ones((1024, 1024), np.float32), np.ones((BATCH, 57), np.int32)
    with one_blas_thread():
        peak = 2 * 1024**3 / best(lambda: square @ square)
        network = best(lambda: axo.emulator.predict(words)) / BATCH
    large = np.ones(1 << 25, np.int32)
    memory = 2 * large.nbytes / best(large.copy)
    n = min(CROSSINGS, 8 * BATCH)
    size = crossings.stat().st_size
    disk = size / best(lambda: sum(len(piece) for piece in pieces(crossings)), 1)
    with EventFile(crossings) as file:
        events = file.read(slice(0, BATCH))
        decode = best(lambda: [file.read_words(slice(start, start + BATCH)) for start in range(0, n, BATCH)], 2) / n
    return {
        "flops per crossing": flops,
        "BLAS peak of a core (GFLOP/s)": peak / 1e9,
        "limit of BLAS (ns)": flops / peak * 1e9,
        "memory (GB/s)": memory / 1e9,
        "limit of memory, each word read once (ns)": 57 * 4 / memory * 1e9,
        "disk or its cache (GB/s)": disk / 1e9,
        "limit of the disk (ns)": size / CROSSINGS / disk * 1e9,
        "reading: HDF5 filters under their lock, types, range checks (ns)": decode * 1e9,
        "laying out words (ns)": best(lambda: events.feature_rows(slice(0, BATCH), np.float32)) / BATCH * 1e9,
        "network (ns)": network * 1e9,
    }


def best(function: Callable[[], Any], rounds: int = 5) -> float:
    """Fewest seconds that `function` takes."""
    seconds = []
    for _ in range(rounds):
        start = perf_counter()
        function()
        seconds.append(perf_counter() - start)
    return min(seconds)


def pieces(path: Path) -> Any:
    with path.open("rb", buffering=0) as file:
        yield from iter(lambda: file.read(1 << 22), b"")


def test_the_network_and_the_menu_of_2024(benchmark: BenchmarkFixture, axo: PortableNetwork, real_data: Path) -> None:
    folder = real_data / "ugt" / "L1Menu_Collisions2024_v1_3_0-d1"
    menu = read_menu(folder / "L1Menu_Collisions2024_v1_3_0-d1.html.gz")
    orbit = read_vectors(folder / "L1menu_2024_v1_3_0_data_TestVector_000.txt.gz")
    vectors = Crossings.concatenate([orbit] * 2)
    emulation, logic = Emulation({"axo": axo}, menu), FinalDecisionLogic(menu)

    def run() -> None:
        batch = CrossingBatch(vectors, {"bx": vectors.bx})
        with one_blas_thread():
            evaluated = emulation.evaluate((batch, {}))
        logic.finish(evaluated.conditions, batch.columns)

    benchmark.pedantic(run, rounds=7, warmup_rounds=1)
    benchmark.extra_info["crossings_per_s"] = vectors.n / benchmark.stats.stats.min
