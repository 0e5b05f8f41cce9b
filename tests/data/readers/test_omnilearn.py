from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hep_toy import omnilearn_arrays, write_hdf5

from l1ml.data import Events
from l1ml.data.readers.omnilearn import CONSTITUENT_NAMES, JET_NAMES, READER, iterate_omnilearn, schema_of
from l1ml.errors import DataError, SchemaError


def read(path: Path, **options: object) -> Events:
    return Events.concatenate(list(iterate_omnilearn(path, **options)))  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [13, 7])
def test_every_number(tmp_path: Path, rng: np.random.Generator, width: int) -> None:
    content = omnilearn_arrays(rng, width=width)
    path = write_hdf5(tmp_path / "a.h5", content)
    events = read(path, chunk=9)
    events.validate()
    assert events.schema == schema_of(path)
    for index, name in enumerate(CONSTITUENT_NAMES[:width]):
        np.testing.assert_array_equal(events.collections["constituent"][name], content["data"][..., index])
    for index, name in enumerate(JET_NAMES):
        np.testing.assert_array_equal(events.collections["jet"][name][:, 0], content["jet"][:, index].astype(np.float32))
    np.testing.assert_array_equal(events.valid("constituent"), content["data"][..., 2] != 0)
    np.testing.assert_array_equal(events.crossing["process"], np.argmax(content["pid"], axis=1))
    assert READER.describe(path)["missing"] == list(CONSTITUENT_NAMES[width:])


def test_classes_as_numbers_or_none(tmp_path: Path, rng: np.random.Generator) -> None:
    content = omnilearn_arrays(rng)
    content["pid"] = np.argmax(content["pid"], axis=1).astype(float)
    events = read(write_hdf5(tmp_path / "a.h5", content), classes=["g", "q", "t", "w"])
    np.testing.assert_array_equal(events.crossing["process"], content["pid"])
    assert events.processes == ("g", "q", "t", "w")
    del content["pid"]
    assert "process" not in read(write_hdf5(tmp_path / "b.h5", content)).crossing
    assert READER.describe(tmp_path / "b.h5")["missing"] == ["pid"]


def test_other_layouts_are_refused(tmp_path: Path, rng: np.random.Generator) -> None:
    content = omnilearn_arrays(rng)
    pairs = {**content, "data": content["data"][:, None], "jet": content["jet"][:, None]}
    with pytest.raises(SchemaError, match=r"'data' has the shape \(40, 1, 8, 13\), expected"):
        read(write_hdf5(tmp_path / "a.h5", pairs))
    with pytest.raises(SchemaError, match="has 2 quantities, expected 3 to 13"):
        read(write_hdf5(tmp_path / "b.h5", {**content, "data": content["data"][..., :2]}))
    with pytest.raises(SchemaError, match=r"'jet' has the shape \(40, 3\)"):
        read(write_hdf5(tmp_path / "c.h5", {**content, "jet": content["jet"][:, :3]}))
    content["data"][30, 0, 0] = np.nan
    with pytest.raises(DataError, match="'data', row 30: NaN"):
        read(write_hdf5(tmp_path / "d.h5", content), chunk=7)
