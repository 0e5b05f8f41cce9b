from __future__ import annotations

import pickle
from pathlib import Path

import h5py
import numpy as np
import pytest

from l1ml.errors import DataError
from offline.calorimeter.judging.published import read_submissions


def test_the_table_of_dataset_2_has_the_published_numbers(real_data: Path) -> None:
    path = real_data / "calochallenge" / "CaloChallenge_results_ds2.hdf"
    if not path.exists():
        pytest.skip("no published tables")
    rows = {row.name: row for row in read_submissions(path)}
    assert len(rows) == 18
    assert rows["CaloDREAM"].auc_low == pytest.approx(0.531, abs=1e-3)
    assert rows["CaloDREAM"].auc_high == pytest.approx(0.521, abs=1e-3)
    assert rows["CaloDREAM"].cpu_ms == pytest.approx(5052, abs=1)
    assert rows["GEANT4"].fpd == pytest.approx(10.776e-3)
    assert rows["GEANT4"].cpu_ms is None


def test_a_pickle_that_runs_something_is_refused(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return print, ("ran",)

    content = np.frombuffer(pickle.dumps(Evil()), np.uint8)
    with h5py.File(tmp_path / "table.hdf", "w") as file:
        group = file.create_group("ds2")
        group["block0_items"], group["block0_values"] = np.array([b"FPD * 1e3"]), np.zeros((1, 1))
        group.create_dataset("block1_values", (1,), h5py.vlen_dtype(np.uint8))[0] = content
        group["block1_items"] = np.array([b"submission name"])
    with pytest.raises(DataError, match="print, which is no array"):
        read_submissions(tmp_path / "table.hdf")


def test_other_files_are_no_tables(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no table of results"):
        read_submissions(tmp_path / "missing.hdf")
    h5py.File(tmp_path / "empty.hdf", "w").close()
    with pytest.raises(DataError, match="no table of results"):
        read_submissions(tmp_path / "empty.hdf")
