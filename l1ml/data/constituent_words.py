"""The constituents of a jet as a trigger would see them: integer words of momentum and place, the hardest ones first.

The steps are those of the Phase-2 correlator's candidates in CMS, 0.25 GeV and pi/720. The ranges are chosen for jets of radius
0.4: up to 1023.75 GeV, and 0.56 to either side of the axis.
"""

from __future__ import annotations

from dataclasses import replace
from math import pi

import numpy as np

from l1ml.data.events import Events
from l1ml.data.schema import EventSchema, Field, ObjectSchema
from l1ml.errors import ConfigError
from l1ml.hardware import HardwareScale

__all__ = ["constituents_schema", "hardest_first"]

_STEP = pi / 720
_FIELDS = (
    Field("pt", HardwareScale(0.25, 12, unit="GeV")),
    Field("eta_rel", HardwareScale(_STEP, 8, signed=True)),
    Field("phi_rel", HardwareScale(_STEP, 8, signed=True, unit="rad")),
)


def constituents_schema(slots: int) -> EventSchema:
    """Words of `slots` constituents of one jet.

    Raises
    ------
    ConfigError
        If there are none.

    Examples
    --------
    >>> len(constituents_schema(16).features)
    48
    """
    if slots < 1:
        msg = f"slots must be at least 1, received {slots}"
        raise ConfigError(msg)
    return EventSchema("jet_constituents", 1, (ObjectSchema("constituent", slots, _FIELDS),))


def hardest_first(jets: Events, collection: str = "constituent") -> Events:
    """`jets` with the real objects of `collection` in falling order of pt, empty slots last; equal ones stay in their order."""
    columns, is_there = jets.collections[collection], jets.valid(collection)
    order = np.argsort(-np.where(is_there, columns["pt"], -np.inf), axis=1, kind="stable")
    moved = {name: np.take_along_axis(values, order, axis=1) for name, values in columns.items()}
    masks = {**jets.masks, collection: np.take_along_axis(is_there, order, axis=1)}
    return replace(jets, collections={**jets.collections, collection: moved}, masks=masks)
