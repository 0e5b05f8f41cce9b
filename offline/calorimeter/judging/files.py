"""Files of showers that are to be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l1ml.errors import ConfigError
from offline.calorimeter.binning import read_binning
from offline.calorimeter.shower_file import ShowerFile
from offline.calorimeter.showers import Showers

__all__ = ["ShowerPair", "read_pair"]


@dataclass(frozen=True, eq=False, slots=True)
class ShowerPair:
    """True and generated showers, cut at one threshold.

    Parameters
    ----------
    showers : tuple of Showers
        Truth first.
    origin : mapping
        Files and threshold, for the judgement.
    """

    showers: tuple[Showers, Showers]
    origin: Mapping[str, Any]


def read_pair(
    truth: Path, generated: Path, *, binning: Path | None = None, showers: int | None = None, threshold: float | None = None
) -> ShowerPair:
    """Read both files, and cut both at `threshold`, in MeV, or at the higher one of what they say.

    Parameters
    ----------
    truth, generated : Path
        Files of showers.
    binning : Path, optional
        Binning file of the CaloChallenge, where they do not name their geometry.
    showers : int, optional
        Most of each; the first ones.
    threshold : float, optional
        Energy of a voxel below which there is none.

    Raises
    ------
    ConfigError
        If a threshold is negative or below what a file was cut at, or no shower is asked for.
    DataError
        If a file is missing or damaged, or geometries differ.
    """
    geometry = None if binning is None else read_binning(binning)[0].geometry
    first = ShowerFile.open(truth, geometry)
    files = first, ShowerFile.open(generated, first.geometry)
    least = max(file.threshold for file in files)
    cut = least if threshold is None else threshold
    if not cut >= least or (showers is not None and showers < 1):
        msg = f"a threshold of {cut:g} MeV and {showers} showers: files are cut at {least:g} MeV, and one shower is the least"
        raise ConfigError(msg)
    sides = tuple(file.read(0, showers).above(cut) for file in files)
    origin = {"truth": str(truth), "generated": str(generated), "threshold": cut}
    return ShowerPair((sides[0], sides[1]), origin)
