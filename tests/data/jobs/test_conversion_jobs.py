from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from l1ml.data import read_events
from l1ml.data.jobs.conversion_jobs import convert_files
from l1ml.errors import ConfigError, L1mlError


@pytest.fixture
def sources(tmp_path: Path, rng: np.random.Generator) -> list[Path]:
    """Arrays of jets in numpy files."""
    paths = [tmp_path / f"{name}.npz" for name in ("first", "second", "third")]
    for path in paths:
        np.savez(path, x=rng.normal(size=(20, 16)).astype(np.float32), y=rng.integers(0, 5, 20))
    return paths


def test_files_are_converted_once_each(sources: list[Path], tmp_path: Path) -> None:
    made = convert_files(sources, tmp_path / "out", workers=2)
    assert [path.name for path in made] == ["first.h5", "second.h5", "third.h5"]
    assert [len(read_events(path)) for path in made] == [20, 20, 20]
    stamps = [path.stat().st_mtime_ns for path in made]
    made[1].write_bytes(b"damaged")
    again = convert_files(sources, tmp_path / "out")
    assert len(read_events(made[1])) == 20
    assert [path.stat().st_mtime_ns == stamp for path, stamp in zip(again, stamps, strict=True)] == [True, False, True]


def test_one_bad_file_is_named_and_the_others_are_kept(sources: list[Path], tmp_path: Path) -> None:
    sources[2].write_bytes(b"not jets")
    with pytest.raises(L1mlError, match=r"third\.npz"):
        convert_files(sources, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["first.h5", "second.h5"]


def test_two_files_of_one_name_are_refused(sources: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"first\.h5 would be made of"):
        convert_files([sources[0], tmp_path / "other" / "first.npy"], tmp_path / "out")
