"""Conditions on what a crossing has one of: counts, minimum-bias bits, centrality, muon showers, external signals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.conditions.external_signals import external_channel
from l1ml.trigger.menus.requirements import ObjectRequirement

__all__ = ["cicada_bit", "external_bit", "scalar_bit"]

Mask = NDArray[np.bool_]

_CENTRALITY = "CENT"
_SHOWER = "MUS"
_IDLE_LINKS = {"zdcp", "zdcm"}
"""Links without a column in the vector files: they carry 0. The 197 algorithms of the 2024 heavy-ion menu that use them agree."""


def external_bit(requirement: ObjectRequirement, columns: Columns) -> Mask:
    """External signal, shape (n,).

    Raises
    ------
    ConfigError
        If the signal is not known by name and the menu does not state its bit.
    DataError
        If the crossings carry no external signals.
    """
    channel = external_channel(requirement.name) if requirement.channel is None else requirement.channel
    if columns.externals is None:
        msg = f"{requirement.name}: {columns.source} carries no external signals"
        raise DataError(msg)
    return columns.seen(columns.externals[:, channel], requirement.bx_offset)


def cicada_bit(requirement: ObjectRequirement, columns: Columns) -> Mask:
    """Whether CICADA's score reaches the cut, shape (n,); its network runs upstream and only the score arrives."""
    score = columns.field("cicada", "score")[0]
    minimum = max(window.minimum for window in requirement.windows("cicada_score"))
    return columns.seen(score >= minimum, requirement.bx_offset)


def scalar_bit(requirement: ObjectRequirement, columns: Columns) -> Mask:
    """Count, asymmetry, energy, centrality bit or muon-shower bit, shape (n,).

    Raises
    ------
    DataError
        If the crossings do not carry the object.
    """
    name = requirement.object.lower()
    if requirement.object.startswith(_CENTRALITY):
        bits = columns.field("cent", "bits")[0]
        return columns.seen((bits >> int(name.removeprefix("cent"))) & 1 == 1, requirement.bx_offset)
    if requirement.object.startswith(_SHOWER):
        return columns.seen(columns.field("muon_shower", name)[0] == 1, requirement.bx_offset)
    return columns.seen(_compared(requirement, columns, name), requirement.bx_offset)


def _compared(requirement: ObjectRequirement, columns: Columns, name: str) -> Mask:
    """The only field of object `name` against the threshold."""
    fields = columns.objects.get(name)
    threshold = requirement.threshold_hw
    if fields is None and name in _IDLE_LINKS and columns.era:
        return np.full(columns.n, threshold <= 0)
    if fields is None:
        msg = f"{requirement.name}: crossings of {columns.source} carry no {name!r}"
        raise DataError(msg)
    values = columns.field(name, next(iter(fields)))[0]
    return np.asarray(values >= threshold if requirement.comparison == ">=" else values == threshold)
