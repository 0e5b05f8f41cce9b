from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hep_toy import hls4ml_arrays, write_hdf5

from l1ml.data import Events
from l1ml.data.readers.jet_arrays import JETID_CLASSES, JETID_NAMES
from l1ml.data.readers.jet_constituents import iterate_jet_constituents, schema_of
from l1ml.errors import DataError, SchemaError


def read(path: Path, **options: object) -> Events:
    return Events.concatenate(list(iterate_jet_constituents(path, **options)))  # type: ignore[arg-type]


def test_the_layout_of_hls4ml(tmp_path: Path, rng: np.random.Generator) -> None:
    content = hls4ml_arrays(rng)
    path = write_hdf5(tmp_path / "a.h5", content)
    events = read(path, chunk=9)
    events.validate()
    assert (events.schema, events.schema.objects[0].columns) == (schema_of(path), ("j1_pt", "j1_etarel", "j1_phirel"))
    assert events.processes == ("g", "q", "w", "z", "t", "undef")
    np.testing.assert_array_equal(events.crossing["process"], np.argmax(content["jets"][:, 5:], axis=1))
    parts = content["jetConstituentList"]
    for index, column in enumerate(events.schema.objects[0].columns):
        np.testing.assert_array_equal(events.collections["constituent"][column], parts[..., index].astype(np.float32))
    np.testing.assert_array_equal(events.valid("constituent"), (parts != 0).any(axis=2))


def test_a_slot_is_empty_where_all_is_zero(tmp_path: Path) -> None:
    values = np.zeros((2, 3, 2), np.float32)
    values[0, 1, 1] = -1
    np.save(tmp_path / "a.npy", values)
    assert read(tmp_path / "a.npy").valid("constituent").tolist() == [[False, True, False], [False] * 3]


def test_classes_in_another_file(tmp_path: Path, rng: np.random.Generator) -> None:
    np.save(tmp_path / "x.npy", rng.normal(size=(9, 4, 3)))
    np.save(tmp_path / "y.npy", np.eye(2)[rng.integers(0, 2, 9)])
    np.save(tmp_path / "z.npy", np.eye(2)[rng.integers(0, 2, 8)])
    assert read(tmp_path / "x.npy", labels=str(tmp_path / "y.npy")).processes == ("class_0", "class_1")
    assert "process" not in read(tmp_path / "x.npy").crossing
    with pytest.raises(DataError, match=r"differ in length: .*x\.npy has 9.*z\.npy has 8"):
        read(tmp_path / "x.npy", labels=str(tmp_path / "z.npy"))
    with pytest.raises(SchemaError, match="not one array of floats with 3 axes"):
        read(tmp_path / "y.npy")


def test_constituents_of_the_public_jets(real_data: Path) -> None:
    folder = real_data / "l1-jetid-constituents"
    labels = str(folder / "y_test_8const_0000_1999.npy")
    for n in (8, 16, 32):
        path = folder / f"x_test_{n}const_0000_1999.npy"
        events = read(path, names=JETID_NAMES, classes=JETID_CLASSES, labels=labels, chunk=300)
        events.validate()
        columns = events.collections["constituent"]
        np.testing.assert_array_equal(np.stack([columns[name] for name in JETID_NAMES], axis=2), np.load(path))
        np.testing.assert_array_equal(events.crossing["process"], np.argmax(np.load(labels), axis=1))
        np.testing.assert_array_equal(events.valid("constituent"), columns["pt"] > 0)
