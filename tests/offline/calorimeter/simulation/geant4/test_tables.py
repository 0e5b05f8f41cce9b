from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from offline.calorimeter.simulation.geant4.tables import bremsstrahlung, photoelectric, write_tables


def test_bremsstrahlung_ends_flat_and_falls_towards_the_tip(geant4: None) -> None:
    energies, table = bremsstrahlung(82)
    assert energies.shape == (57,)
    assert table.shape == (57, 32)
    assert (np.diff(energies) > 0).all()
    assert (energies[0], energies[48], energies[-1]) == (1e-3, 1e3, 1e4)
    np.testing.assert_array_equal(table[49:], np.repeat(table[48:49], 8, axis=0))
    # Seltzer and Berger 1986, lead: 11.8 mb for soft photons of electrons of 1 MeV, 11.5 mb here at 0.5 MeV
    assert table[24, 0] == pytest.approx(11.8, rel=0.01)
    assert (table[48, 1:] < table[48, :1]).all()


def test_photoelectric_sections_rise_at_the_k_edge(geant4: None) -> None:
    energy, section = photoelectric()[82]
    assert (np.diff(energy) > 0).all()
    edge = np.searchsorted(energy, 0.0880)
    assert energy[edge] == pytest.approx(0.0880, abs=2e-4)
    around = np.interp([0.086, 0.090], energy, section)
    # XCOM: a factor of 4.8 at the K edge of lead
    assert 3.5 < around[1] / around[0] < 5.5


def test_geant4_finds_a_table_of_each_element(geant4: None, tmp_path: Path) -> None:
    environment = write_tables(tmp_path, [82, 1, 82])
    assert all(Path(folder).is_dir() for folder in environment.values())
    names = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert names == sorted(["ENSDFSTATE.dat", *(f"{kind}{z}{end}" for z in (1, 82) for kind, end in _FILES)])
    first, *rows = (tmp_path / "G4EMLOW8.8" / "brem_SB" / "br82").read_text().splitlines()
    assert first == "4 32 57"
    assert [len(row.split()) for row in rows] == [32, 57, *[32] * 57]
    photo = (tmp_path / "G4EMLOW8.8" / "epics2017" / "phot" / "pe-cs-1.dat").read_text().splitlines()
    low, high, n = photo[0].split()
    assert (int(n), int(photo[1]), len(photo)) == (len(photo) - 2, len(photo) - 2, int(n) + 2)
    assert float(low) == float(photo[2].split()[0]) < float(high)


_FILES = (("br", ""), ("pe-cs-", ".dat"), ("pe-high-", ".dat"), ("pe-low-", ".dat"))
