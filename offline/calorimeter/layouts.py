"""Geometries that are known by name."""

from __future__ import annotations

import numpy as np

from l1ml.errors import ConfigError, nearest
from offline.calorimeter.geometry import CalorimeterGeometry

__all__ = ["LAYOUTS", "layout"]


def _sampling(n_alpha: int, n_r: int) -> CalorimeterGeometry:
    """Datasets 2 and 3 of the CaloChallenge: 45 layers of 3.4 mm (two of 1.4 mm W and 0.3 mm Si each), rings out to 41.85 mm."""
    # rounded as the XML files have them: sums of steps are not
    rings = np.round(np.linspace(0.0, 41.85, n_r + 1), 6).tolist()
    return CalorimeterGeometry.regular(45, n_alpha, rings, z_edges=np.round(3.4 * np.arange(46), 6).tolist())


def _crystal() -> CalorimeterGeometry:
    """A block of PbWO4: 28 layers of 10 mm, 9 rings of 20 mm, 16 sectors, rings fastest."""
    return CalorimeterGeometry.regular(28, 16, range(0, 181, 20), z_edges=range(0, 281, 10))


def _liquid() -> CalorimeterGeometry:
    """70 layers of 6 mm (1.5 mm Pb and 4.5 mm liquid argon), 9 rings of 20 mm, 16 sectors."""
    return CalorimeterGeometry.regular(70, 16, range(0, 181, 20), z_edges=range(0, 421, 6))


LAYOUTS = {"45x16x9": _sampling(16, 9), "45x50x18": _sampling(50, 18), "28x16x9": _crystal(), "70x16x9": _liquid()}
"""Layers x sectors x rings: W/Si as datasets 2 and 3 of the CaloChallenge, PbWO4, and Pb in liquid argon."""


def layout(name: str) -> CalorimeterGeometry:
    """The geometry called `name`.

    Raises
    ------
    ConfigError
        If none is.

    Examples
    --------
    >>> layout("45x16x9").n_voxels, layout("45x50x18").n_voxels
    (6480, 40500)
    """
    if name not in LAYOUTS:
        msg = f"no geometry is called {name!r}; {nearest(name, LAYOUTS)}"
        raise ConfigError(msg)
    return LAYOUTS[name]
