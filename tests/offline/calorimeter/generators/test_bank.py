from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
import pytest
from calo_toy import irregular_geometry

from l1ml.errors import ConfigError, DataError, SchemaError
from offline.calorimeter import CalorimeterGeometry
from offline.calorimeter.generators import (
    Cascade,
    EtaSlice,
    GeneratorBank,
    ShowerGenerator,
    read_bank,
    read_generator,
    write_bank,
    write_generator,
)

CENTRAL, FORWARD, ELECTRONS = EtaSlice("gamma", 0.0, 0.8), EtaSlice("gamma", 0.8, 2.5), EtaSlice("e-", 0.2, 0.4)


@dataclass(frozen=True, eq=False, slots=True)
class Flat(ShowerGenerator):
    """All voxels alike."""

    geometry: CalorimeterGeometry
    threshold: float = 0.0
    energy_range: tuple[float, float] = (1.0, 1e6)
    record: Mapping[str, Any] = None  # type: ignore[assignment]
    kind: ClassVar[str] = "flat"

    def attributes(self) -> Mapping[str, Any]:
        return {}

    def arrays(self) -> Mapping[str, Any]:
        return {}

    def _voxels(self, incident: Any, rng: np.random.Generator) -> Any:
        return np.repeat(incident[:, None] / self.geometry.n_voxels, self.geometry.n_voxels, axis=1).astype(np.float32)


@pytest.fixture
def bank(trained: Cascade) -> GeneratorBank:
    plain = replace(trained, flow=replace(trained.flow, velocity=None))
    # in another order than that of their slices
    return GeneratorBank({FORWARD: plain, ELECTRONS: replace(trained, energy_range=(2e3, 5e3)), CENTRAL: trained})


def test_a_direction_finds_its_slice(bank: GeneratorBank) -> None:
    assert bank.slices == (ELECTRONS, CENTRAL, FORWARD)
    assert bank.places("gamma", np.array([0.0, -0.79, 0.8, -2.49])).tolist() == [1, 1, 2, 2]
    assert bank.places(["gamma", "e-"], np.array([0.3, -0.3])).tolist() == [1, 0]
    assert bank.generator("gamma", -1.0) is bank.generators[FORWARD]
    assert [entry["eta"] for entry in bank.to_dict()] == [[0.2, 0.4], [0.0, 0.8], [0.8, 2.5]]


@pytest.mark.parametrize(
    ("particle", "eta", "message"),
    [
        ("gamma", [0.1, 2.5, -3.0], r"gamma at eta 2.5 \(2 such particles\): its slices are gamma 0 to 0.8, gamma 0.8 to 2.5"),
        ("gamma", [np.nan], "gamma at eta nan"),
        ("gama", [0.1], "no slice of the bank has gama at eta 0.1 .*: did you mean 'gamma'"),
    ],
)
def test_a_direction_without_a_slice_is_refused(bank: GeneratorBank, particle: str, eta: list[float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        bank.places(particle, np.array(eta))


@pytest.mark.parametrize(
    ("particle", "lowest", "highest"), [("gamma", 1.0, 1.0), ("gamma", -1.0, 1.0), ("", 0.0, 1.0), ("gamma", 0.0, np.inf)]
)
def test_a_slice_that_is_none_is_refused(particle: str, lowest: float, highest: float) -> None:
    with pytest.raises(ConfigError, match="a slice is of a named particle"):
        EtaSlice(particle, lowest, highest)


def test_a_bank_without_generators_or_with_two_for_one_direction_is_refused(trained: Cascade) -> None:
    with pytest.raises(ConfigError, match="one generator or more"):
        GeneratorBank({})
    with pytest.raises(ConfigError, match=r"gamma 0 to 0.8 and gamma 0.7 to 2"):
        GeneratorBank({CENTRAL: trained, EtaSlice("gamma", 0.7, 2.0): trained})


def test_showers_come_in_the_order_of_their_particles_and_do_not_depend_on_other_slices(bank: GeneratorBank) -> None:
    energies, eta = np.geomspace(2e3, 4e3, 12), np.tile([0.1, -1.0, 0.3], 4)
    names = ["gamma", "gamma", "e-"] * 4
    made = bank.sample(energies, eta, names, np.random.default_rng(1), batch=3)
    np.testing.assert_array_equal(made.incident_energy, energies)
    streams = np.random.default_rng(1).spawn(3)
    for place, (first, one) in enumerate(((2, ELECTRONS), (0, CENTRAL), (1, FORWARD))):
        alone = bank.generators[one].sample(energies[first::3], streams[place], 3)
        np.testing.assert_array_equal(made.energies[first::3], alone.energies)
    central = bank.sample(energies[::3], eta[::3], "gamma", np.random.default_rng(1), batch=3)
    np.testing.assert_array_equal(made.energies[::3], central.energies)


def test_energies_that_one_slice_has_not_learnt_are_refused(bank: GeneratorBank) -> None:
    far = np.array([8e3, 8e3]), np.array([0.3, 0.3])
    with pytest.raises(DataError, match="trained from 2000 to 5000 MeV"):
        bank.sample(*far, ["gamma", "e-"], np.random.default_rng(1))
    assert len(bank.sample(*far, ["gamma", "e-"], np.random.default_rng(1), extrapolate=True)) == 2
    with pytest.raises(DataError, match="each energy has a direction"):
        bank.sample(far[0], np.zeros(3), "gamma", np.random.default_rng(1))


def test_slices_may_have_voxels_of_their_own(trained: Cascade) -> None:
    bank = GeneratorBank({CENTRAL: trained, FORWARD: Flat(irregular_geometry())})
    asked = np.full(3, 5e3), np.array([1.0, 0.1, 1.0]), "gamma"
    with pytest.raises(DataError, match=r"2 slices with different voxels: .* from groups"):
        bank.sample(*asked, np.random.default_rng(1))
    found = list(bank.groups(*asked, np.random.default_rng(1)))
    assert [rows.tolist() for rows, _ in found] == [[1], [0, 2]]
    assert [showers.geometry for _, showers in found] == [trained.geometry, irregular_geometry()]


def test_a_bank_that_is_read_is_the_same(tmp_path: Path, bank: GeneratorBank) -> None:
    write_bank(tmp_path / "a.h5", bank)
    again = read_bank(tmp_path / "a.h5")
    asked = np.full(4, 3e3), np.array([0.1, 0.3, 0.9, 2.0]), ["gamma", "e-", "gamma", "gamma"]
    made = [one.sample(*asked, np.random.default_rng(2)).energies for one in (bank, again)]
    np.testing.assert_array_equal(made[0], made[1])
    write_bank(tmp_path / "b.h5", again)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_damage_of_a_bank_is_found(tmp_path: Path, bank: GeneratorBank, trained: Cascade) -> None:
    path = tmp_path / "bank.h5"
    with pytest.raises(DataError, match="does not exist"):
        read_bank(path)
    write_generator(path, trained)
    with pytest.raises(SchemaError, match="no bank of generators"):
        read_bank(path)
    write_bank(path, bank)
    with pytest.raises(SchemaError, match="of a bank, say --particle and --eta"):
        read_generator(path)
    with h5py.File(path, "r+") as file:
        file.move("0", "x")
        file.move("1", "0")
        file.move("x", "1")
    with pytest.raises(DataError, match=r"the generator /0 is not the one of its slice"):
        read_bank(path)
    write_bank(path, bank)
    with h5py.File(path, "r+") as file:
        file["2/law/mean"][0] += 1.0
    with pytest.raises(DataError, match=r"generator /2, is damaged: its content"):
        read_bank(path)
    write_bank(path, bank)
    with h5py.File(path, "r+") as file:
        file.attrs["slices"] = file.attrs["slices"].replace("0.8", "0.9")
    with pytest.raises(DataError, match="its slices do not have the digest"):
        read_bank(path)
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = 2
    with pytest.raises(SchemaError, match="version 2"):
        read_bank(path)
    path.write_bytes(b"no HDF5")
    with pytest.raises(DataError, match="damaged or no bank"):
        read_bank(path)
