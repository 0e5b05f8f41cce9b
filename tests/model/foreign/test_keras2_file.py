from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from keras2_toy import KERNEL, WEIGHTS, toy, write_keras2, write_weights

from l1ml.errors import ConversionError, DataError
from l1ml.model.foreign.keras2_file import open_keras2


def test_a_whole_model_and_one_in_two_files_are_the_same(tmp_path: Path) -> None:
    whole = open_keras2(write_keras2(tmp_path / "a.h5", toy()))
    (tmp_path / "a.json").write_text(json.dumps({**toy(), "keras_version": "2.4.0"}))
    with h5py.File(tmp_path / "w.h5", "w") as file:
        write_weights(file, WEIGHTS)
    parts = open_keras2(tmp_path / "a.json", tmp_path / "w.h5")
    for found in (whole, parts):
        assert found.class_name == "Functional"
        assert [row["name"] for row in found.config["layers"]] == ["inp", "fc", "relu"]
        assert list(found.weights) == ["inp", "fc", "relu"]
        np.testing.assert_array_equal(found.weights["fc"]["kernel"], KERNEL)


def test_long_lists_of_names_come_in_parts(tmp_path: Path) -> None:
    path = write_keras2(tmp_path / "a.h5", toy())
    with h5py.File(path, "a") as file:
        group = file["model_weights"]
        del group.attrs["layer_names"]
        group.attrs["layer_names1"] = [b"relu"]
        group.attrs["layer_names0"] = [b"inp", b"fc"]
    assert list(open_keras2(path).weights) == ["inp", "fc", "relu"]


def test_other_files_are_refused_with_what_to_do(tmp_path: Path) -> None:
    path = write_keras2(tmp_path / "a.h5", toy())
    with h5py.File(path, "a") as file:
        file.attrs["keras_version"] = "3.9.0"
    with pytest.raises(ConversionError, match=r"written by Keras 3.9.0, not 2; open it with keras.models.load_model"):
        open_keras2(path)
    with h5py.File(path, "a") as file:
        del file.attrs["model_config"]
    with pytest.raises(DataError, match=r"holds weights only; give the \.json"):
        open_keras2(path)
    with h5py.File(path, "a") as file:
        del file["model_weights"].attrs["layer_names"]
    (tmp_path / "a.json").write_text(json.dumps(toy()))
    with pytest.raises(DataError, match="no list of layer_names"):
        open_keras2(tmp_path / "a.json", path)
    with pytest.raises(DataError, match="a model in two files"):
        open_keras2(tmp_path / "a.json")
    with pytest.raises(DataError, match=r"cannot read .*none\.h5: No such file"):
        open_keras2(tmp_path / "none.h5")
    (tmp_path / "a.keras").write_bytes(b"PK\x03\x04")
    with pytest.raises(ConversionError, match=r"a .keras file of Keras 3"):
        open_keras2(tmp_path / "a.keras")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "description of the model is damaged"),
        ("[" * 100000, "description of the model is damaged"),
        ("[]", "is a list, expected an object"),
        ('{"layers": []}', "has 'layers'; expected 'class_name' and 'config'"),
        ('{"module": "keras", "class_name": "Sequential", "config": {}}', "written by Keras 3"),
    ],
)
def test_descriptions_that_are_none(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    path = write_keras2(tmp_path / "w.h5", toy())
    with pytest.raises((DataError, ConversionError), match=message):
        open_keras2(tmp_path / "a.json", path)
    (tmp_path / "a.json").write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match="neither HDF5 nor JSON"):
        open_keras2(tmp_path / "a.json", path)
