"""Events and bytes a second of the readers of jets, showers and generators, beside plain h5py, numpy and uproot.

Plain reading is of the same arrays in the same batches; text has no plain library, the bytes alone are read there.
``extra_info`` has the ratio: how many times the reader takes the CPU time of plain reading.
Run with: pytest tests/benchmarks/test_hep_reader_speed.py --benchmark-only
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pytest
from hep_toy import (
    adc_array,
    hepmc_text,
    hls4ml_arrays,
    lhe_text,
    omnifold_arrays,
    omnilearn_arrays,
    shower_arrays,
    write_hdf5,
    write_text,
)
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml.data.readers import reader_called
from l1ml.data.readers.adc2021 import iterate_adc2021, write_adc2021
from l1ml.data.readers.calochallenge import iterate_calochallenge, write_calochallenge
from l1ml.data.readers.level1_words import WordReport
from l1ml.data.readers.omnifold import READER as OMNIFOLD

_ROUNDS = 3
_CHUNK = 8192


def plain_hdf5(*names: str) -> Callable[[Path], None]:
    """Read datasets in batches with h5py, to float32."""

    def read(path: Path) -> None:
        with h5py.File(path) as file:
            for start in range(0, len(file[names[0]]), _CHUNK):
                for name in names:
                    np.asarray(file[name][start : start + _CHUNK]).astype(np.float32, copy=False)

    return read


def plain_npz(path: Path) -> None:
    """Read every array with numpy."""
    with np.load(path) as content:
        for name in content:
            content[name].astype(np.float32, copy=False)


def plain_npy(path: Path) -> None:
    """Read the array with numpy."""
    np.load(path)


def plain_bytes(path: Path) -> None:
    """Read the text."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        while stream.read(1 << 20):
            pass


@dataclass(frozen=True)
class Case:
    """A format, a file of it and what reads the same without the reader."""

    name: str
    write: Callable[[Path, np.random.Generator], Path]
    plain: Callable[[Path], None]
    options: tuple[tuple[str, object], ...] = ()


def _repeated(arrays: dict[str, np.ndarray], times: int) -> dict[str, np.ndarray]:
    return {name: array if array.dtype.kind == "S" else np.concatenate([array] * times) for name, array in arrays.items()}


def _omnifold(path: Path, rng: np.random.Generator) -> Path:
    np.savez_compressed(path, **omnifold_arrays(rng, 200_000))
    return path


def _npy(path: Path, rng: np.random.Generator) -> Path:
    np.save(path, rng.normal(size=(100_000, 32, 3)).astype(np.float32))
    return path


def _lhe(path: Path, rng: np.random.Generator) -> Path:
    return write_text(path, lhe_text(rng, 20_000)[0])


CASES = {
    "adc.h5": Case(
        "adc2021", lambda path, rng: write_hdf5(path, {"Particles": adc_array(rng, 200_000)}), plain_hdf5("Particles")
    ),
    "words.h5": Case(
        "adc2021",
        lambda path, rng: write_hdf5(path, {"Particles": adc_array(rng, 200_000)}),
        plain_hdf5("Particles"),
        (("scales", "ugt"), ("report", WordReport())),
    ),
    "showers.h5": Case(
        "calochallenge",
        lambda path, rng: write_hdf5(path, shower_arrays(rng, 5000, 6480)),
        plain_hdf5("incident_energies", "showers"),
    ),
    "packed.h5": Case(
        "calochallenge",
        lambda path, rng: write_hdf5(path, shower_arrays(rng, 5000, 6480), compression="gzip", compression_opts=1),
        plain_hdf5("incident_energies", "showers"),
    ),
    "hls4ml.h5": Case(
        "jet_features", lambda path, rng: write_hdf5(path, _repeated(hls4ml_arrays(rng, 1000), 100)), plain_hdf5("jets")
    ),
    "parts.npy": Case("jet_constituents", _npy, plain_npy),
    "omnilearn.h5": Case(
        "omnilearn",
        lambda path, rng: write_hdf5(path, omnilearn_arrays(rng, 100_000)),
        plain_hdf5("data", "jet", "pid"),
    ),
    "pairs.npz": Case("omnifold", _omnifold, plain_npz),
    "events.lhe": Case("lhe", _lhe, plain_bytes),
    "events.lhe.gz": Case("lhe", _lhe, plain_bytes),
    "slots.lhe": Case("lhe", _lhe, plain_bytes, (("slots", 10),)),
    "events.hepmc3": Case("hepmc", lambda path, rng: write_text(path, hepmc_text(rng, 20_000)[0]), plain_bytes),
}


def cpu_time(action: Callable[[], object]) -> float:
    """Least CPU time of `action` over some rounds, in seconds."""
    times = []
    for _ in range(_ROUNDS):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)


def drain(batches: Iterable[object]) -> int:
    """Number of events, each batch dropped."""
    return sum(batch.n for batch in batches)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", CASES)
def test_reading(benchmark: BenchmarkFixture, tmp_path: Path, rng: np.random.Generator, name: str) -> None:
    case = CASES[name]
    path = case.write(tmp_path / name, rng)
    reader = OMNIFOLD if case.name == "omnifold" else reader_called(case.name)
    n = benchmark.pedantic(lambda: drain(reader.iterate(path, chunk=_CHUNK, **dict(case.options))), rounds=_ROUNDS)
    own = cpu_time(lambda: drain(reader.iterate(path, chunk=_CHUNK, **dict(case.options))))
    benchmark.extra_info |= {
        "events_per_s": n / own,
        "mb_per_s": path.stat().st_size / own / 1e6,
        "times_plain": own / cpu_time(lambda: case.plain(path)),
    }


def test_reading_jets_of_root(benchmark: BenchmarkFixture, tmp_path: Path, rng: np.random.Generator) -> None:
    uproot = pytest.importorskip("uproot")
    from root_toy import jagged, write_tree

    n, path = 50_000, tmp_path / "jets.root"
    counts = rng.integers(20, 60, n)
    names = [f"part_{key}" for key in ("px", "py", "pz", "energy", "deta", "dphi", "d0val", "dzval")]
    content = {name: jagged(counts, rng.normal(size=counts.sum()).astype(np.float32)) for name in names}
    classes = rng.integers(0, 2, n)
    content |= {"label_a": classes.astype(np.int32), "label_b": (1 - classes).astype(np.int32)}
    write_tree(path, {"tree": content}, per_basket=5000)
    reader = reader_called("jetclass")

    def plain() -> None:
        for _ in uproot.iterate({str(path): "tree"}, filter_name=list(content), step_size=_CHUNK):
            pass

    benchmark.pedantic(lambda: drain(reader.iterate(path, chunk=_CHUNK)), rounds=1)
    own = cpu_time(lambda: drain(reader.iterate(path, chunk=_CHUNK)))
    benchmark.extra_info |= {
        "events_per_s": n / own,
        "mb_per_s": path.stat().st_size / own / 1e6,
        "times_plain": own / cpu_time(plain),
    }


@pytest.mark.parametrize("name", ["adc", "showers"])
def test_writing(benchmark: BenchmarkFixture, tmp_path: Path, rng: np.random.Generator, name: str) -> None:
    arrays = {"Particles": adc_array(rng, 100_000)} if name == "adc" else shower_arrays(rng, 3000, 6480)
    source, target = write_hdf5(tmp_path / "a.h5", arrays), tmp_path / "b.h5"
    read, write = (iterate_adc2021, write_adc2021) if name == "adc" else (iterate_calochallenge, write_calochallenge)
    batches = list(read(source, chunk=_CHUNK))
    benchmark.pedantic(lambda: write(target, batches), rounds=1)
    own = cpu_time(lambda: write(target, batches))
    packed = cpu_time(lambda: write_hdf5(tmp_path / "c.h5", arrays, compression="gzip", compression_opts=1, shuffle=True))
    n, size = sum(batch.n for batch in batches), sum(array.nbytes for array in arrays.values())
    benchmark.extra_info |= {"events_per_s": n / own, "mb_per_s": size / own / 1e6, "times_plain": own / packed}
