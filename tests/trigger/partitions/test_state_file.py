from __future__ import annotations

import pickle
from pathlib import Path

import h5py
import numpy as np
import pytest
from rate_toy import decisions_of, menu_of

from l1ml.errors import DataError
from l1ml.trigger.partitions.rate_job import PartitionSums
from l1ml.trigger.partitions.state_file import read_state, state_key, write_state
from l1ml.trigger.rates.rate_tally import RateTally


def sums(rng, pairs="all"):
    menu = menu_of({}, {"prescale": 2.5})
    tally = RateTally(menu, pairs=pairs)
    tally.add(decisions_of(menu, rng.random((50, 2)) < 0.5), rng.random(50))
    return PartitionSums(50, 0.25, tally.state, None)


@pytest.mark.parametrize("pairs", ["all", "none"])
def test_sums_come_back_as_they_were(tmp_path: Path, rng, pairs) -> None:
    state = sums(rng, pairs)
    write_state(tmp_path / "a.h5", "key", state)
    assert state_key(tmp_path / "a.h5") == "key"
    assert pickle.dumps(read_state(tmp_path / "a.h5", PartitionSums)) == pickle.dumps(state)
    assert [path.name for path in tmp_path.iterdir()] == ["a.h5"]


def test_damage_is_said(tmp_path: Path, rng) -> None:
    path = tmp_path / "a.h5"
    write_state(path, "key", sums(rng))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"a.h5 is no file of sums, or damaged"):
        read_state(path, PartitionSums)
    path.write_bytes(whole)
    with h5py.File(path, "a") as file:
        del file["state/rates/sample"]
    with pytest.raises(DataError, match=r"a.h5 is damaged"):
        read_state(path, PartitionSums)
    with h5py.File(path, "a") as file:
        file.attrs["format_version"] = np.int64(2)
    with pytest.raises(DataError, match="of version 2, expected 'l1ml-sums' of version 1"):
        state_key(path)
