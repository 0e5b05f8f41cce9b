from __future__ import annotations

import shutil
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from l1ml.emulation import IntegerEmulator
from l1ml.errors import DataError, SchemaError
from l1ml.model import TriggerModel

AXO = Path(__file__).parents[2] / "models" / "axo"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped model."""
    for name in ("weights.keras", "golden.h5"):
        shutil.copy(AXO / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", sorted(path.parent.name for path in AXO.parent.glob("*/golden.h5")))
def test_a_shipped_model_gives_its_golden_words(name: str) -> None:
    model = TriggerModel.load(AXO.parent / name)
    np.testing.assert_array_equal(IntegerEmulator(model.network).predict(model.golden.inputs), model.golden.scores)
    assert len(np.unique(model.golden.scores)) > 15


def test_saving_and_loading_changes_nothing(tmp_path: Path) -> None:
    model = TriggerModel.load(AXO)
    model.save(tmp_path)
    again = TriggerModel.load(tmp_path)
    assert (again.digest, again.weights, again.features) == (model.digest, model.weights, model.features)
    assert str(again.output_format) == str(model.output_format)


def test_a_missing_file_names_the_verb(folder: Path) -> None:
    (folder / "golden.h5").unlink()
    with pytest.raises(DataError, match="l1ml train"):
        TriggerModel.load(folder)


def test_weights_of_another_training_are_refused(folder: Path) -> None:
    (folder / "weights.keras").write_bytes(b"something else")
    with pytest.raises(DataError, match="do not belong together"):
        TriggerModel.load(folder)


def test_truncated_golden_words_are_refused(folder: Path) -> None:
    content = (folder / "golden.h5").read_bytes()
    (folder / "golden.h5").write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match="truncated or damaged"):
        TriggerModel.load(folder)


def test_an_edited_network_is_refused(folder: Path) -> None:
    with h5py.File(folder / "golden.h5", "a") as file:
        text = file["network"].asstr()[()]
        del file["network"]
        file["network"] = text.replace('"bias_fractional": 4', '"bias_fractional": 5', 1)
    with pytest.raises(DataError, match="the network inside has digest"):
        TriggerModel.load(folder)


def test_another_version_is_refused(folder: Path) -> None:
    with h5py.File(folder / "golden.h5", "a") as file:
        file.attrs["format_version"] = 9
    with pytest.raises(SchemaError, match="version 1"):
        TriggerModel.load(folder)


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    model = TriggerModel.load(AXO)
    for name in ("one", "two"):
        model.save(tmp_path / name)
        time.sleep(1.1)  # HDF5 keeps times in seconds where it keeps them
    assert (tmp_path / "one" / "golden.h5").read_bytes() == (tmp_path / "two" / "golden.h5").read_bytes()
