from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from falling_spectrum import FallingSpectrum

from l1ml.errors import DataError, SchemaError
from l1ml.training.online import OnlineFlow, OnlineSettings, Quantity, read_flow, write_flow

SETTINGS = OnlineSettings(members=3, bins=8, hidden=4, buffer=1000, batch=500, passes=2)


def flow_at(n: int, values: np.ndarray) -> OnlineFlow:
    flow = OnlineFlow([Quantity("x", 0, 1)], SETTINGS)
    flow.see(values[:n])
    return flow


def test_a_stream_that_broke_off_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    values = FallingSpectrum(0.01).draw(4300, 1)
    whole = flow_at(4300, values)
    whole.flush()
    write_flow(whole, tmp_path / "whole.npz", "stream")
    # 700 events were in the buffer when it was killed
    write_flow(flow_at(2700, values), tmp_path / "part.npz", "stream")
    flow, stream = read_flow(tmp_path / "part.npz")
    assert (flow.learned, stream) == (2000, "stream")
    flow.see(values[flow.learned :])
    flow.flush()
    write_flow(flow, tmp_path / "part.npz", stream)
    assert (tmp_path / "part.npz").read_bytes() == (tmp_path / "whole.npz").read_bytes()
    np.testing.assert_array_equal(read_flow(tmp_path / "part.npz")[0].draw(100), whole.draw(100))


def test_no_event_is_in_the_file(tmp_path: Path) -> None:
    values = np.full((999, 1), 0.123456789)
    write_flow(flow_at(999, values), tmp_path / "flow.npz")
    flow, _ = read_flow(tmp_path / "flow.npz")
    assert (flow.seen, flow.learned, flow.buffers) == (0, 0, 0)
    with np.load(tmp_path / "flow.npz") as file:
        assert not any(np.isclose(file[name], 0.123456789).any() for name in file.files if name != "header")


def test_files_that_are_no_flow(tmp_path: Path) -> None:
    path = tmp_path / "flow.npz"
    with pytest.raises(DataError, match="l1ml online train"):
        read_flow(path)
    path.write_bytes(b"nothing")
    with pytest.raises(DataError, match="no flow, or damaged"):
        read_flow(path)
    np.savez(path, header=np.array('{"format": "l1ml online flow", "version": 2}'))
    with pytest.raises(SchemaError, match="version 2"):
        read_flow(path)
    write_flow(flow_at(1000, FallingSpectrum(0).draw(1000, 1)), path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataError, match="damaged"):
        read_flow(path)
