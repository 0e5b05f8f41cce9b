from __future__ import annotations

import tracemalloc
from pathlib import Path

import h5py
import numpy as np
import pytest
from calo_toy import irregular_geometry, regular_geometry, toy_showers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from l1ml.errors import DataError
from offline.calorimeter import CalorimeterGeometry, Showers, layout
from offline.calorimeter.shower_file import ShowerFile, write_showers


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), sizes=st.lists(st.integers(1, 60), min_size=1, max_size=4), batch=st.integers(1, 70))
def test_what_is_written_is_read(tmp_path: Path, seed: int, sizes: list[int], batch: int) -> None:
    rng, geometry, path = np.random.default_rng(seed), irregular_geometry(), tmp_path / "showers.h5"
    parts = [toy_showers(geometry, size, rng).above(0.5) for size in sizes]
    assert write_showers(path, iter(parts), geometry, threshold=0.5, record={"seed": seed}) == sum(sizes)
    file = ShowerFile.open(path)
    assert (file.geometry, len(file), file.threshold, file.record) == (geometry, sum(sizes), 0.5, {"seed": seed})
    again, whole = Showers.concatenate(list(file.batches(batch))), Showers.concatenate(parts)
    np.testing.assert_array_equal(again.energies, whole.energies)
    np.testing.assert_array_equal(again.incident_energy, whole.incident_energy)


def test_equal_showers_make_equal_bytes(tmp_path: Path, rng: np.random.Generator) -> None:
    showers = toy_showers(irregular_geometry(), 5, rng)
    for name in "ab":
        write_showers(tmp_path / name, [showers], showers.geometry)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_challenge_reads_it_by_its_names(tmp_path: Path, rng: np.random.Generator) -> None:
    showers, path = toy_showers(regular_geometry(), 5, rng), tmp_path / "showers.h5"
    write_showers(path, [showers], showers.geometry)
    with h5py.File(path) as file:
        assert file["incident_energies"].shape == (5, 1)
        assert file["showers"].compression == "gzip"
        # radius fastest, then alpha, then layer
        cube = file["showers"][:].reshape(5, *showers.geometry.grid)
    np.testing.assert_array_equal(cube.sum(axis=(2, 3), dtype=np.float64), showers.layer_energies())


def test_a_file_of_the_challenge_needs_a_geometry(tmp_path: Path, rng: np.random.Generator) -> None:
    showers, path = toy_showers(irregular_geometry(), 5, rng), tmp_path / "showers.h5"
    with h5py.File(path, "w") as file:
        file["incident_energies"], file["showers"] = showers.incident_energy[:, None], showers.energies.astype(np.float64)
    with pytest.raises(DataError, match="does not say what its voxels are"):
        ShowerFile.open(path)
    with pytest.raises(DataError, match=r"needs \(n, 60\)"):
        ShowerFile.open(path, regular_geometry())
    np.testing.assert_array_equal(ShowerFile.open(path, irregular_geometry()).read().energies, showers.energies)


def test_showers_of_geant4_are_read(real_data: Path) -> None:
    path = real_data / "generated-geant4-em" / "geant4_gamma_pbwo4.hdf5"
    # stored with the rings before the sectors: the energy of layers is the same in any order
    showers = ShowerFile.open(path, layout("28x16x9")).read()
    assert len(showers) == 1400
    np.testing.assert_allclose((showers.total_energy() / showers.incident_energy).mean(), 0.997, atol=1e-3)


def test_another_geometry_is_refused(tmp_path: Path, rng: np.random.Generator) -> None:
    showers, path = toy_showers(irregular_geometry(), 5, rng), tmp_path / "showers.h5"
    write_showers(path, [showers], showers.geometry)
    with pytest.raises(DataError, match="it has 3 layers with 35 voxels, not 5 layers with 60 voxels"):
        ShowerFile.open(path, regular_geometry())
    with pytest.raises(DataError, match="cannot go into a file of another geometry"):
        write_showers(tmp_path / "other.h5", [showers], regular_geometry())
    assert not (tmp_path / "other.h5").exists()


def test_energy_below_the_threshold_is_refused(tmp_path: Path) -> None:
    geometry = irregular_geometry()
    showers = Showers(geometry, np.ones(1), np.full((1, geometry.n_voxels), 0.4))
    with pytest.raises(DataError, match=r"35 voxels hold less than the threshold of 0.5 MeV"):
        write_showers(tmp_path / "showers.h5", [showers], geometry, threshold=0.5)
    with pytest.raises(DataError, match="0 MeV or more, received nan"):
        write_showers(tmp_path / "showers.h5", [showers], geometry, threshold=np.nan)
    assert list(tmp_path.iterdir()) == []


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path, rng: np.random.Generator) -> None:
    showers, path = toy_showers(irregular_geometry(), 5, rng), tmp_path / "showers.h5"
    with pytest.raises(DataError, match="another geometry"):
        write_showers(path, [showers, toy_showers(regular_geometry(), 1, rng)], showers.geometry)
    with pytest.raises(DataError, match="no shower was written"):
        write_showers(path, [], showers.geometry)
    assert list(tmp_path.iterdir()) == []


def test_damage_is_said_in_one_line(tmp_path: Path, rng: np.random.Generator) -> None:
    showers, path = toy_showers(irregular_geometry(), 50, rng), tmp_path / "showers.h5"
    with pytest.raises(DataError, match="does not exist"):
        ShowerFile.open(path)
    write_showers(path, [showers], showers.geometry)
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(DataError, match="damaged"):
        ShowerFile.open(path)
    with h5py.File(path, "w") as file:
        file["showers"] = np.ones((1, 35))
    with pytest.raises(DataError, match="no dataset 'incident_energies'"):
        ShowerFile.open(path)


def test_a_bad_energy_is_found_where_it_stands(tmp_path: Path) -> None:
    path, energies = tmp_path / "showers.h5", np.ones((7, 35))
    energies[5, 3] = np.nan
    with h5py.File(path, "w") as file:
        file["incident_energies"], file["showers"] = np.ones((7, 1)), energies
    file = ShowerFile.open(path, irregular_geometry())
    assert len(file.read(0, 4)) == 4
    with pytest.raises(DataError, match="showers from 4: voxel 3 of shower 1 holds nan MeV"):
        list(file.batches(4))


def test_memory_does_not_depend_on_the_number_of_showers(tmp_path: Path, rng: np.random.Generator) -> None:
    geometry = CalorimeterGeometry.regular(10, 10, [float(edge) for edge in range(11)])
    showers, path = toy_showers(geometry, 500, rng), tmp_path / "showers.h5"
    peaks = []
    for n in (2, 10):
        tracemalloc.start()
        write_showers(path, (showers for _ in range(n)), geometry)
        for batch in ShowerFile.open(path).batches(500):
            assert len(batch) == 500
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
