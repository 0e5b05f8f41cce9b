"""Calorimeter regions, sums of trigger towers between |eta| of 3: the 18 x 14 input of CICADA-like networks.

One object, ``region``, with 252 slots and one word, ``et``, in counts of 0.5 GeV and 10 bits that saturate. Slot
``14 * phi + eta`` is the region `phi` (0 to 17, of 20 degrees, the 0th around phi = 0, rising) and `eta` (0 to 13, from negative
to positive): the order of CICADA (cms-hls4ml/CICADA, arXiv:2510.15672).
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from l1ml.data.schema import LEVEL1_SCHEMA, EventSchema, Field, ObjectSchema
from l1ml.errors import DataError
from l1ml.hardware.scales import HardwareScale

__all__ = ["CALO_SCHEMA", "FIRST_SECTOR", "N_ETA", "N_PHI", "REGION_SCHEMA", "region_image", "region_slot"]

N_PHI, N_ETA = 18, 14

FIRST_SECTOR = -3
"""First of the 72 sectors of 5 degrees, the 0th of which begins at phi = 0, that region 0 has; found in recorded regions."""

_REGION = ObjectSchema("region", N_PHI * N_ETA, (Field("et", HardwareScale(0.5, 10, unit="GeV")),), grid=(N_PHI, N_ETA))

REGION_SCHEMA = EventSchema("calo_regions", 2, (_REGION,))
"""252 regions and nothing else, as files of regions have them."""

CALO_SCHEMA = EventSchema("level1_regions", 1, (*LEVEL1_SCHEMA.objects, _REGION), inputs=("region",))
"""The regions, which networks read, and the objects of `LEVEL1_SCHEMA` of the same crossings, for menus."""


def region_slot(phi: int, eta: int) -> int:
    """Slot of the region `phi` (0 to 17) and `eta` (0 to 13).

    Examples
    --------
    >>> region_slot(0, 0), region_slot(1, 0), region_slot(17, 13)
    (0, 14, 251)
    """
    return N_ETA * phi + eta


def region_image(words: NDArray[Any]) -> NDArray[Any]:
    """Words of the 252 slots, shape (..., 252), as images of shape (..., 18, 14): first phi, then eta.

    Raises
    ------
    DataError
        If there are not 252 slots.
    """
    if words.shape[-1:] != (N_PHI * N_ETA,):
        msg = f"an image has {N_PHI * N_ETA} regions, received words of the shape {words.shape}"
        raise DataError(msg)
    return words.reshape(*words.shape[:-1], N_PHI, N_ETA)
