from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from l1ml.data import Events
from l1ml.data.calo_regions import REGION_SCHEMA, region_image
from l1ml.data.readers import reader_of
from l1ml.data.readers.calo_regions import READER, iterate_calo_regions
from l1ml.errors import DataError, SchemaError

JOB = Path(__file__).parents[2] / "damage_job.py"
ETA = [*(0.1305 + 0.087 * np.arange(23)), 2.217, 2.391, 2.565, 2.739, 2.913]


def read(path: Path, chunk: int = 7) -> np.ndarray:
    events = Events.concatenate(list(iterate_calo_regions(path, chunk=chunk)))
    events.validate()
    np.testing.assert_array_equal(events.event, np.arange(events.n))
    return np.asarray(events.collections["region"]["hw_et"])


def store(path: Path, rows: np.ndarray, name: str = "l1Region_cyl", **options: object) -> Path:
    with h5py.File(path, "w") as file:
        file.create_dataset(name, data=rows, **options)
    return path


def label(phi: int, eta: int, rng: np.random.Generator) -> tuple[float, float]:
    """A label of eta and of phi, as the files have them, of any tower of a region."""
    ring, sign = (eta - 7, 1.0) if eta >= 7 else (6 - eta, -1.0)
    tower = (4 * phi - 3 + int(rng.integers(4))) % 72
    centre = (tower + 0.5) * 2 * np.pi / 72
    return float(np.float32(sign * ETA[4 * ring + int(rng.integers(4))])), round(
        centre if centre < np.pi else centre - 2 * np.pi, 3
    )


def as_list(words: np.ndarray, rng: np.random.Generator, n_slots: int = 300) -> np.ndarray:
    """Images as lists of et, eta, phi, by falling et, padded with zeros."""
    rows = np.zeros((len(words), n_slots, 3))
    for row, image in zip(rows, words, strict=True):
        slots = np.argsort(-image, kind="stable")[: np.count_nonzero(image)]
        for place, slot in enumerate(slots):
            row[place] = (image[slot], *label(int(slot) // 14, int(slot) % 14, rng))
    return rows


@pytest.fixture
def words(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 1024, (20, 252)) * (rng.random((20, 252)) < 0.4)


def test_lists_become_images(tmp_path: Path, rng: np.random.Generator, words: np.ndarray) -> None:
    path = store(tmp_path / "list.hdf5", as_list(words, rng), compression="gzip")
    assert reader_of(path).name == "calo_regions"
    for chunk in (1, 7, 20, 100):
        np.testing.assert_array_equal(read(path, chunk), words)


@pytest.mark.parametrize("shape", [(20, 18, 14), (20, 18, 14, 1), (20, 252)])
@pytest.mark.parametrize("name", ["CaloRegions", "et_regions"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
def test_images_of_any_shape(tmp_path: Path, words: np.ndarray, shape: tuple[int, ...], name: str, dtype: str) -> None:
    small = words % 256
    path = store(tmp_path / "image.h5", small.reshape(shape).astype(dtype), name)
    np.testing.assert_array_equal(read(path), small)
    assert READER.describe(path) == {
        "n_events": 20,
        "objects": REGION_SCHEMA.to_dict()["objects"],
        "dataset": name,
        "missing": [],
    }


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ((3, 0, 0), 1024.0, "row 3: et 1024.0 is no count of 0 to 1023"),
        ((3, 0, 0), 1.5, "row 3: et 1.5 is no count"),
        ((3, 0, 0), np.nan, "row 3: et nan is no count"),
        ((3, 0, 0), -1.0, "row 3: et -1.0 is no count"),
        ((3, 0, 1), 3.0, "row 3: the eta 3.0 of a region is no tower"),
        ((3, 0, 1), np.nan, "row 3: the eta nan"),
        ((3, 0, 2), 0.08, "row 3: the phi 0.08 of a region is no tower"),
        ((3, 0, 2), np.inf, "row 3: the phi inf"),
    ],
)
def test_wrong_values(tmp_path: Path, words: np.ndarray, place: tuple[int, ...], value: float, message: str) -> None:
    rows = as_list(words, np.random.default_rng(4))
    rows[place] = value
    with pytest.raises(DataError, match=message):
        read(store(tmp_path / "wrong.h5", rows))


def test_a_region_that_is_there_twice(tmp_path: Path, rng: np.random.Generator, words: np.ndarray) -> None:
    rows = as_list(words, rng)
    rows[9, 1, 1:] = rows[9, 0, 1:]
    with pytest.raises(DataError, match=r"row 9: the region of phi \d+, eta \d+ is there twice"):
        read(store(tmp_path / "twice.h5", rows))


def test_other_files(tmp_path: Path) -> None:
    (tmp_path / "text.h5").write_text("no HDF5")
    store(tmp_path / "other.h5", np.zeros(3), "x")
    store(tmp_path / "shape.h5", np.zeros((3, 14, 18)), "CaloRegions")
    for name, error, message in (
        ("absent.h5", DataError, "is missing"),
        ("text.h5", DataError, "no HDF5 file"),
        ("other.h5", SchemaError, "holds x; expected one of CaloRegions"),
        ("shape.h5", SchemaError, r"CaloRegions is float64\[3, 14, 18\]"),
    ):
        with pytest.raises(error, match=message):
            read(tmp_path / name)
    assert [READER.sniff(tmp_path / name) for name in ("absent.h5", "text.h5", "other.h5")] == [False] * 3


def test_blocks_that_were_never_written_are_no_zeros(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "holes.h5", "w") as file:
        data = file.create_dataset("CaloRegions", (40, 18, 14), "u1", chunks=(10, 18, 14))
        data[:20] = 1
    with pytest.raises(DataError, match="has 2 of 4 blocks"):
        read(tmp_path / "holes.h5")


def test_damaged_copies(tmp_path: Path, rng: np.random.Generator, words: np.ndarray) -> None:
    path = store(tmp_path / "whole.h5", as_list(words, rng), compression="gzip", shuffle=True, fletcher32=True)
    job = [sys.executable, str(JOB), "calo_regions", str(path), "300", "3"]
    done = subprocess.run(job, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert set(counts) <= {"refused", "equal", "other"}
    assert counts["refused"] > 150
    assert counts.get("other", 0) < 5


@pytest.mark.parametrize(("name", "n", "filled"), [("HInv.hdf5", 2000, 123328), ("Region_ZeroBias.hdf5", 863, 20198)])
def test_public_files(real_data: Path, name: str, n: int, filled: int) -> None:
    words = read(real_data / "l1-calo-regions" / name, 500)
    assert (len(words), int(np.count_nonzero(words))) == (n, filled)
    occupied = (region_image(words) > 0).mean(axis=(0, 2))
    # a quarter of the regions around phi = 0 was lost before the file was written
    assert 0.65 < occupied[0] / occupied[1:].mean() < 0.85
    assert occupied[1:].max() / occupied[1:].min() < 1.2
