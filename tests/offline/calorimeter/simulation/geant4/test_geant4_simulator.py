from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from importlib import util
from pathlib import Path

import numpy as np
import pytest
from calo_toy import irregular_geometry

from l1ml.errors import ConfigError, DataError, ToolNotFoundError
from offline.calorimeter import CalorimeterGeometry, Layer, layout
from offline.calorimeter.simulation import SIMULATORS, Beam, simulate_file
from offline.calorimeter.simulation.geant4 import GEANT4_SIMULATORS, Geant4Simulator, geant4_simulator
from offline.calorimeter.simulation.geant4.engine import Engine, engine_of

CRYSTAL = geant4_simulator("28x16x9")


def test_a_shower_does_not_depend_on_those_before(geant4: None) -> None:
    whole = CRYSTAL.simulate(np.array([500.0, 3000.0, 1000.0, 700.0]), seed=4)
    part = CRYSTAL.simulate(whole.incident_energy[2:], seed=4, first=2)
    np.testing.assert_array_equal(part.energies, whole.energies[2:])
    other = Engine(CRYSTAL)
    seeds = [7, 2**63 - 1]
    energies = np.array([300.0, 400.0])
    np.testing.assert_array_equal(other.deposits(energies, seeds), engine_of(CRYSTAL).deposits(energies, seeds))
    other.close()
    assert (CRYSTAL.simulate(whole.incident_energy, seed=5).energies != whole.energies).any(axis=1).all()


_ASKS_FOR_HOURS = """
import numpy as np
from offline.calorimeter.simulation.geant4 import geant4_simulator
from offline.calorimeter.simulation.geant4.engine import engine_of

engine = engine_of(geant4_simulator("28x16x9"))
print(engine._process.pid, flush=True)
engine.deposits(np.full(10_000, 64_000.0), range(1, 10_001))
"""


def test_geant4_ends_in_the_middle_of_a_shower_when_who_asks_is_killed(geant4: None) -> None:
    with subprocess.Popen([sys.executable, "-c", _ASKS_FOR_HOURS], stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout is not None
        geant4_process = Path("/proc") / asking.stdout.readline().strip()
        assert geant4_process.exists()
        before = _ticks(geant4_process)
        # hundredths of a second: it is inside a shower
        while _ticks(geant4_process) < before + 20:
            time.sleep(0.05)
        asking.kill()
    for _ in range(100):
        if not geant4_process.exists():
            break
        time.sleep(0.05)
    assert not geant4_process.exists()


def _ticks(process: Path) -> int:
    """Time of a processor that it has taken, in hundredths of a second."""
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_a_stopped_file_goes_on_and_ends_the_same(geant4: None, tmp_path: Path) -> None:
    beam = Beam(45, 100.0, 200.0, seed=3)
    file = simulate_file(tmp_path / "a.h5", CRYSTAL, beam)
    simulate_file(tmp_path / "b.h5", CRYSTAL, beam, workers=2)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()
    assert file.threshold == CRYSTAL.threshold
    assert file.record["simulator"]["versions"]["geant4-pybind"]


def test_one_gev_is_that_of_another_sample(geant4: None, real_data: Path) -> None:
    import h5py

    with h5py.File(real_data / "generated-geant4-em" / "geant4_gamma_pbwo4.hdf5") as file:
        rows = np.flatnonzero(file["incident_energies"][:, 0] == 1000.0)
        # layers, rings, sectors: the house has sectors before rings
        theirs = file["showers"][:][rows].reshape(-1, 28, 9, 16).transpose(0, 1, 3, 2)
    mine = CRYSTAL.simulate(np.full(150, 1000.0), seed=1).energies.reshape(-1, 28, 16, 9)
    # no threshold in theirs
    theirs = np.where(theirs < CRYSTAL.threshold, 0.0, theirs)
    for axes in ((1, 2, 3), (2, 3), (1, 2), (1, 3)):
        one, other = (sample.sum(axis=axes).reshape(len(sample), -1) for sample in (mine, theirs))
        error = np.sqrt(one.var(axis=0) / len(one) + other.var(axis=0) / len(other))
        assert (np.abs(one.mean(axis=0) - other.mean(axis=0)) < 5 * error + 0.01).all()
    hits = [(sample > 0).sum(axis=(1, 2, 3)) for sample in (mine, theirs)]
    assert hits[0].mean() == pytest.approx(hits[1].mean(), rel=0.03)


@pytest.mark.parametrize(("sector", "ring"), [(0, 4), (11, 1), (5, 7)])
def test_a_particle_beside_the_axis_hits_the_voxel_that_is_there(geant4: None, sector: int, ring: int) -> None:
    voxels, at = CRYSTAL.geometry.voxels, sector * 9 + ring
    place = (float(voxels.x[at]), float(voxels.y[at]))
    hit = int(np.argmax(engine_of(CRYSTAL).deposits(np.full(20, 300.0), range(1, 21), aside=place).sum(axis=0)))
    assert (voxels.sector[hit], voxels.ring[hit] % 9) == (sector, ring)


@pytest.mark.parametrize(("name", "resolution"), [("45x16x9", 0.105), ("70x16x9", 0.06)])
def test_sampling_stacks_see_their_share(geant4: None, name: str, resolution: float) -> None:
    share = geant4_simulator(name).simulate(np.full(25, 2000.0), seed=1).total_energy() / 2000.0
    assert share.mean() == pytest.approx(1.0, abs=0.1)
    assert 0.2 * resolution < share.std() < 2 * resolution


def test_layers_of_any_rings_and_one_sector_are_simulated(geant4: None) -> None:
    layers = (Layer(0, (0.0, 10.0, 30.0), 1, (0.0, 5.0)), Layer(2, (0.0, 5.0, 20.0, 50.0), 8, (8.0, 200.0)))
    calorimeter = Geant4Simulator(CalorimeterGeometry(layers), SIMULATORS["28x16x9"].stack, particle="e-", threshold=0.1)
    showers = calorimeter.simulate(np.full(30, 1000.0), seed=1)
    assert showers.energies[showers.energies > 0].min() >= np.float32(0.1)
    # 3 mm between the layers are not seen, and electrons lose some 10 MeV/cm at least
    assert 0.85 < (showers.total_energy() / 1000.0).mean() < 0.99
    assert (showers.layer_energies() > 0).all()


def test_range_cuts_reach_geant4(geant4: None) -> None:
    engines = [Engine(replace(CRYSTAL, cut=cut)) for cut in (0.7, 5.0)]
    made = [engine.deposits(np.full(5, 500.0), range(1, 6)) for engine in engines]
    for engine in engines:
        engine.close()
    assert (made[0] != made[1]).any()


def test_an_end_of_geant4_is_an_error(geant4: None) -> None:
    engine = Engine(CRYSTAL)
    engine._process.kill()
    with pytest.raises(DataError, match="Geant4 ended with the code -9"):
        engine.deposits(np.array([100.0]), [1])


def test_each_layout_has_a_stack() -> None:
    assert set(GEANT4_SIMULATORS) == set(SIMULATORS)
    assert CRYSTAL.turns(CRYSTAL.geometry.layers[1]) == [(10.0, 20.0)]
    tungsten = geant4_simulator("45x16x9")
    expected = [(3.4 + 1.4, 3.4 + 1.7), (3.4 + 3.1, 3.4 + 3.4)]
    np.testing.assert_allclose(tungsten.turns(tungsten.geometry.layers[1]), expected, atol=1e-9)


def test_without_geant4_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(util, "find_spec", lambda name: None)
    with pytest.raises(ToolNotFoundError, match=r"'geant4_pybind' is not installed.*l1ml\[geant4\]"):
        simulate_file(tmp_path / "a.h5", CRYSTAL, Beam(5))
    with pytest.raises(ToolNotFoundError, match="geant4_pybind"):
        replace(CRYSTAL, cut=0.9).simulate(np.array([100.0]), seed=1)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_simulated_is_refused() -> None:
    with pytest.raises(ConfigError, match="no geometry is called '28x16'"):
        geant4_simulator("28x16")
    with pytest.raises(ConfigError, match="where they begin and end"):
        Geant4Simulator(irregular_geometry(), CRYSTAL.stack)
    with pytest.raises(ConfigError, match=r"layer 0 is 10 mm thick, which is no multiple of a turn of 1\.7 mm"):
        Geant4Simulator(layout("28x16x9"), SIMULATORS["45x16x9"].stack)
    with pytest.raises(ConfigError, match="no particle is called 'pi-'"):
        replace(CRYSTAL, particle="pi-")
    with pytest.raises(ConfigError, match="visible share"):
        replace(CRYSTAL, visible=0.0)
    with pytest.raises(ConfigError, match="from 10 MeV to 1e\\+08 MeV; received 1 to 1000 MeV"):
        CRYSTAL.check_range(1.0, 1000.0)
    with pytest.raises(DataError, match="received 5 to 100 MeV"):
        CRYSTAL.simulate(np.array([100.0, 5.0]), seed=1)
