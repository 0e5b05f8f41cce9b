from __future__ import annotations

import io
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from hep_toy import hls4ml_arrays, write_hdf5
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from l1ml.data import Events
from l1ml.data.readers.jet_arrays import HLF_CLASSES, HLF_NAMES
from l1ml.data.readers.jet_features import READER, iterate_jet_features, schema_of
from l1ml.data.readers.numpy_rows import numpy_arrays
from l1ml.errors import DataError, SchemaError


def read(path: Path, **options: object) -> Events:
    return Events.concatenate(list(iterate_jet_features(path, **options)))  # type: ignore[arg-type]


def npz(path: Path, **content: np.ndarray) -> Path:
    np.savez(path, **content)
    return path


def test_a_table_without_names(tmp_path: Path, rng: np.random.Generator) -> None:
    values, classes = rng.normal(size=(30, 3)), rng.integers(0, 4, 30)
    classes[0] = 3
    events = read(npz(tmp_path / "a.npz", x=values, y=classes), chunk=8)
    events.validate()
    assert events.schema.objects[0].columns == ("feature_0", "feature_1", "feature_2")
    assert events.processes == ("class_0", "class_1", "class_2", "class_3")
    np.testing.assert_array_equal(events.crossing["process"], classes)
    np.testing.assert_array_equal(events.collections["jet"]["feature_1"][:, 0], values[:, 1].astype(np.float32))


def test_names_are_taken_when_given(tmp_path: Path, rng: np.random.Generator) -> None:
    path = npz(tmp_path / "a.npz", x=rng.normal(size=(9, 2)), y=np.eye(3)[rng.integers(0, 3, 9)])
    events = read(path, names=["mass", "tau21"], classes=["q", "g", "t"])
    assert (events.schema.objects[0].columns, events.processes) == (("mass", "tau21"), ("q", "g", "t"))
    assert events.schema == schema_of(path, names=["mass", "tau21"])
    for wrong in (["mass"], ["mass", "mass"], ["mass", "hw_pt"], ["a/b", "c"], ["valid", "c"]):
        with pytest.raises(SchemaError, match=r"a\.npz"):
            read(path, names=wrong)
    with pytest.raises(SchemaError, match="has 3 columns, received 2 different names"):
        read(path, classes=["q", "g"])


def test_the_layout_of_hls4ml(tmp_path: Path, rng: np.random.Generator) -> None:
    content = hls4ml_arrays(rng)
    path = write_hdf5(tmp_path / "a.h5", content)
    events = read(path, chunk=9)
    assert events.schema.objects[0].columns == ("j_pt", "j_eta", "j_mass_mmdt", "j_tau21", "j_multiplicity")
    assert events.processes == ("g", "q", "w", "z", "t", "undef")
    np.testing.assert_array_equal(events.crossing["process"], np.argmax(content["jets"][:, 5:], axis=1))
    np.testing.assert_array_equal(events.collections["jet"]["j_tau21"][:, 0], content["jets"][:, 3].astype(np.float32))
    assert READER.describe(path)["left_out"] == ["jetConstituentList", "jetImage", "particleFeatureNames"]


def test_columns_follow_their_names(tmp_path: Path, rng: np.random.Generator) -> None:
    content = hls4ml_arrays(rng)
    order = rng.permutation(len(content["jetFeatureNames"]))
    shuffled = {
        "jetImage": content["jetImage"],
        "jetFeatureNames": content["jetFeatureNames"][order],
        "jets": content["jets"][:, order],
    }
    first, second = read(write_hdf5(tmp_path / "a.h5", content)), read(write_hdf5(tmp_path / "b.h5", shuffled))
    for name, column in first.collections["jet"].items():
        np.testing.assert_array_equal(second.collections["jet"][name], column)
    np.testing.assert_array_equal(
        np.array(first.processes)[first.crossing["process"]], np.array(second.processes)[second.crossing["process"]]
    )


def test_names_of_variable_length(tmp_path: Path, rng: np.random.Generator) -> None:
    content = hls4ml_arrays(rng)
    names = content.pop("jetFeatureNames")
    path = write_hdf5(tmp_path / "a.h5", content)
    with h5py.File(path, "a") as file:
        file["jetFeatureNames"] = [name.decode() for name in names]
    assert read(path).processes == ("g", "q", "w", "z", "t", "undef")
    with h5py.File(path, "a") as file:
        del file["jetFeatureNames"]
        file["jetFeatureNames"] = [name.decode() for name in names[:-1]]
    with pytest.raises(SchemaError, match="has 11 columns, received 10"):
        read(path)


@pytest.mark.parametrize(
    "labels", [np.array([0, 1, -1]), np.array([0, 0.5, 1]), np.array([0, np.nan, 1]), np.zeros((3, 2)), np.ones((3, 2))]
)
def test_a_jet_without_a_class_is_named(tmp_path: Path, labels: np.ndarray) -> None:
    with pytest.raises(DataError, match=r"'y', row \d: .* is not one of|not class numbers"):
        read(npz(tmp_path / "a.npz", x=np.zeros((3, 2)), y=labels))


def test_what_is_not_clear_must_be_said(tmp_path: Path, rng: np.random.Generator) -> None:
    path = npz(
        tmp_path / "a.npz",
        train=rng.normal(size=(9, 2)),
        test=rng.normal(size=(9, 2)),
        y=np.zeros(9, int),
        labels=np.ones(9, int),
    )
    with pytest.raises(SchemaError, match=r"train \(9, 2\), test \(9, 2\).*name it"):
        read(path)
    with pytest.raises(SchemaError, match="several arrays of classes: y, labels; name one"):
        read(path, features="test")
    assert read(path, features="test", labels="labels").processes == ("class_0", "class_1")
    with pytest.raises(SchemaError, match="has no array 'tests'; did you mean 'test'"):
        read(path, features="tests")
    bare = npz(tmp_path / "b.npz", x=rng.normal(size=(9, 2)))
    assert READER.describe(bare)["missing"] == ["classes"]
    assert "process" not in read(bare).crossing


def test_pickles_and_other_orders_are_refused(tmp_path: Path, rng: np.random.Generator) -> None:
    np.savez(tmp_path / "a.npz", x=np.array([{}, 1], dtype=object), z=rng.normal(size=(4, 2)))
    with pytest.raises(SchemaError, match="'x' is object"):
        read(tmp_path / "a.npz")
    np.save(tmp_path / "b.npy", np.asfortranarray(rng.normal(size=(4, 2))))
    with pytest.raises(SchemaError, match="Fortran order"):
        read(tmp_path / "b.npy")


def test_a_header_that_promises_too_much(tmp_path: Path) -> None:
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f4", "fortran_order": False, "shape": (2**50, 16)})
    (tmp_path / "a.npy").write_bytes(head.getvalue() + bytes(640))
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as packed:
        packed.writestr("x.npy", head.getvalue() + bytes(640))
    for name in ("a.npy", "b.npz"):
        with pytest.raises(DataError, match="640 bytes are there"):
            read(tmp_path / name)


@settings(max_examples=40, deadline=None)
@given(
    values=arrays(
        st.sampled_from([np.float32, np.float64, np.int16, ">f4"]),
        array_shapes(min_dims=1, max_dims=3, max_side=7),
        elements=st.integers(-99, 99),
    ),
    step=st.integers(1, 9),
)
def test_blocks_are_the_array(tmp_path_factory: pytest.TempPathFactory, values: np.ndarray, step: int) -> None:
    folder = tmp_path_factory.mktemp("blocks")
    np.save(folder / "a.npy", values)
    np.savez_compressed(folder / "b.npz", v=values)
    for name, key in (("a.npy", ""), ("b.npz", "v")):
        with numpy_arrays(folder / name) as found:
            blocks = list(found.rows(key).stream(step))
        assert [len(block) for block in blocks[:-1]] == [step] * (len(blocks) - 1)
        np.testing.assert_array_equal(np.concatenate(blocks), values)


def test_the_16_features(real_data: Path) -> None:
    path = real_data / "jsc-hlf" / "jsc_x_raw_y_0000_0599.npz"
    events = read(path, names=HLF_NAMES, classes=HLF_CLASSES, chunk=100)
    events.validate()
    assert (events.n, events.schema.objects[0].columns) == (600, HLF_NAMES)
    assert np.bincount(events.crossing["process"]).tolist() == [143, 131, 112, 101, 113]
    # a mass: heavy classes above light ones
    mass = [events.collections["jet"]["mass_mmdt"][events.crossing["process"] == index].mean() for index in range(5)]
    assert min(mass[2:]) > max(mass[:2])
