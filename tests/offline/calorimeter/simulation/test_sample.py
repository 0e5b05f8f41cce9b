from __future__ import annotations

from pathlib import Path

import pytest
from calo_toy import regular_geometry

from l1ml.errors import ConfigError, DataError
from l1ml.progress import Checking
from offline.calorimeter.simulation import SIMULATORS, Beam, Simulator, simulate_file

SMALL = Simulator(regular_geometry(), SIMULATORS["45x16x9"].stack)


def test_a_stopped_run_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    beam = Beam(2300, 1e3, 1e4, seed=3)
    asked = 0

    def stop() -> None:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate_file(tmp_path / "a.h5", SMALL, beam, progress=Checking(stop))
    assert not (tmp_path / "a.h5").exists()
    times = {path: path.stat().st_mtime_ns for path in tmp_path.glob("a.h5-parts/*/*.h5")}
    assert len(times) == 2

    def look() -> None:
        assert all(path.stat().st_mtime_ns == time for path, time in times.items())

    file = simulate_file(tmp_path / "a.h5", SMALL, beam, progress=Checking(look))
    assert file.n == 2300
    simulate_file(tmp_path / "b.h5", SMALL, beam, workers=2)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.h5", "b.h5"]


def test_a_file_of_other_showers_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    made = simulate_file(path, SMALL, Beam(20, seed=3))
    again = simulate_file(path, SMALL, Beam(20, seed=3))
    assert made == again
    with pytest.raises(DataError, match="holds other showers"):
        simulate_file(path, SMALL, Beam(20, seed=4))


def test_what_is_no_beam_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="one or more particles"):
        Beam(0)
    with pytest.raises(ConfigError, match="32 bits"):
        Beam(1, seed=-1)
    with pytest.raises(ConfigError, match="received 10 to 1000"):
        simulate_file(tmp_path / "a.h5", SMALL, Beam(5, 10.0, 1000.0), workers=2)
    assert list(tmp_path.iterdir()) == []
