from __future__ import annotations

from pathlib import Path

import numpy as np

from l1ml.training.checkpoint import Checkpoint, State


def test_a_state_comes_back_to_its_own_training_alone(tmp_path: Path) -> None:
    arrays = [np.arange(6, dtype=np.float32).reshape(2, 3), np.array(7, np.int64), np.zeros((0, 2))]
    checkpoint = Checkpoint(tmp_path / "run" / "checkpoint.npz", "one")
    assert checkpoint.load() is None
    checkpoint.save(State({"done": 2, "losses": {"loss": [1.0, 0.1]}}, arrays))
    state = checkpoint.load()
    assert state is not None
    assert state.facts == {"done": 2, "losses": {"loss": [1.0, 0.1]}}
    for found, given in zip(state.arrays, arrays, strict=True):
        assert found.dtype == given.dtype
        np.testing.assert_array_equal(found, given)
    assert Checkpoint(checkpoint.path, "other").load() is None
    checkpoint.remove()
    checkpoint.remove()
    assert checkpoint.load() is None


def test_a_damaged_file_is_no_state(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz", "one")
    checkpoint.save(State({"done": 1}, [np.arange(1000.0)]))
    whole = checkpoint.path.read_bytes()
    for content in (b"", b"PK", whole[: len(whole) // 2], whole[:200] + b"\0" * 4000 + whole[4200:]):
        checkpoint.path.write_bytes(content)
        assert checkpoint.load() is None
