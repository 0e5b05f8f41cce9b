from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from l1ml.errors import DataError, SchemaError
from offline.inference import GaussianModel, Normal, Prior, Simulations, Uniform, read_simulations, simulate, write_simulations

MODEL = GaussianModel()


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write_simulations(tmp_path / "a.h5", simulate(MODEL.prior, MODEL, 50, seed=1))
    return tmp_path / "a.h5"


def test_they_come_back(written: Path) -> None:
    made, read = simulate(MODEL.prior, MODEL, 50, seed=1), read_simulations(written)
    np.testing.assert_array_equal(read.theta, made.theta)
    np.testing.assert_array_equal(read.x, made.x)
    assert (read.prior, read.mask) == (made.prior, None)


def test_sets_come_back_and_parameters_keep_their_order(tmp_path: Path, rng: np.random.Generator) -> None:
    prior = Prior({"z": Uniform(0, 1), "a": Normal(5, 1)})
    mask = rng.random((20, 3)) < 0.5
    made = Simulations(prior, prior.sample(20, rng), np.where(mask[..., None], rng.normal(size=(20, 3, 2)), np.nan), mask)
    write_simulations(tmp_path / "a.h5", made)
    read = read_simulations(tmp_path / "a.h5")
    assert read.prior.names == ("z", "a")
    np.testing.assert_array_equal(read.mask, mask)
    np.testing.assert_array_equal(read.x[mask], made.x[mask])


def test_equal_content_makes_equal_bytes(written: Path, tmp_path: Path) -> None:
    write_simulations(tmp_path / "b.h5", read_simulations(written))
    assert (tmp_path / "b.h5").read_bytes() == written.read_bytes()


def test_what_is_not_such_a_file(written: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        read_simulations(tmp_path / "no.h5")
    (tmp_path / "text.h5").write_text("text")
    with pytest.raises(DataError, match="not a readable file of simulations"):
        read_simulations(tmp_path / "text.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file.attrs["format"] = "l1ml-events"
    with pytest.raises(SchemaError, match="'l1ml-events', expected 'l1ml-simulations'"):
        read_simulations(tmp_path / "other.h5")
    with h5py.File(written, "r+") as file:
        file["x"][0, 0] = 7.0
    with pytest.raises(DataError, match="damaged or was edited"):
        read_simulations(written)
    with h5py.File(written, "r+") as file:
        file.attrs["format_version"] = 2
    with pytest.raises(SchemaError, match="format version 2"):
        read_simulations(written)
