"""Geometries as arguments."""

from __future__ import annotations

from pathlib import Path

from l1ml.errors import DataError
from offline.calorimeter.binning import read_binning
from offline.calorimeter.geometry import CalorimeterGeometry
from offline.calorimeter.layouts import layout

__all__ = ["geometry_of"]


def geometry_of(word: str | None) -> CalorimeterGeometry | None:
    """The geometry that `word` names, or that the binning file of this name describes; none for none.

    Raises
    ------
    DataError
        If the file cannot be read, or describes several.
    ConfigError
        If no geometry has this name.
    """
    if word is None:
        return None
    if not word.endswith(".xml"):
        return layout(word)
    binnings = read_binning(Path(word))
    if len(binnings) != 1:
        names = ", ".join(binning.particle for binning in binnings)
        msg = f"{word} describes {len(binnings)} geometries: {names}; give a file of one"
        raise DataError(msg)
    return binnings[0].geometry
