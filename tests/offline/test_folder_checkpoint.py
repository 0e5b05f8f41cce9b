from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from l1ml.errors import L1mlError
from offline.folder_checkpoint import FolderCheckpoint
from offline.unfolding.method import Checkpoint

ARRAYS = {"file": np.arange(5.0), "layer 0/kernel": np.ones((2, 3), np.float32), "empty": np.zeros((0, 2)), "n": np.array(7)}


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def kept(tmp_path: Path, lines: list[str]) -> FolderCheckpoint:
    return FolderCheckpoint(tmp_path / "result-parts" / "abc", "abc", lines.append)


def test_steps_come_back(kept: FolderCheckpoint, lines: list[str]) -> None:
    checkpoint: Checkpoint = kept
    assert checkpoint.read("iteration 1/2") is None
    checkpoint.write("iteration 1/2", ARRAYS)
    checkpoint.write("iteration 1-2", {"a": np.zeros(1)})
    arrays = checkpoint.read("iteration 1/2")
    assert arrays is not None
    assert {name: (values.dtype, values.tolist()) for name, values in arrays.items()} == {
        name: (values.dtype, values.tolist()) for name, values in ARRAYS.items()
    }
    assert not lines
    kept.clear()
    kept.clear()
    assert not kept.folder.parent.exists()


def test_a_file_of_another_fit_or_step_is_not_trusted(kept: FolderCheckpoint, lines: list[str]) -> None:
    kept.write("a", ARRAYS)
    other = FolderCheckpoint(kept.folder, "abd", lines.append)
    assert other.read("a") is None
    kept.path("b").write_bytes(kept.path("a").read_bytes())
    assert kept.read("b") is None
    assert [line.split(" is ", 1)[1] for line in lines] == ["of another fit and not used; the step is done again"] * 2


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_damaged_file_is_not_trusted(kept: FolderCheckpoint, lines: list[str], share: float) -> None:
    kept.write("a", ARRAYS)
    content = kept.path("a").read_bytes()
    at = int(share * len(content))
    kept.path("a").write_bytes(content[:at])
    assert kept.read("a") is None
    kept.path("a").write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    assert kept.read("a") is None
    assert len(lines) == 2
    kept.write("a", ARRAYS)
    assert kept.read("a") is not None


def test_objects_are_refused(kept: FolderCheckpoint) -> None:
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        kept.write("a", {"x": np.array([{}], object)})
    assert not kept.folder.exists()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "parts").write_text("a file")
    with pytest.raises((L1mlError, OSError)):
        FolderCheckpoint(tmp_path / "parts", "abc").write("a", ARRAYS)
