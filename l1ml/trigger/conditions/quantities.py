"""Which integer quantity each cut between two objects is on, and with how many decimal digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from l1ml.errors import ConfigError
from l1ml.trigger.conditions.lut_tables import DELTA_PRECISION, INVERSE_DR_PRECISION, PT_PRECISION, Geometry
from l1ml.trigger.conditions.pairs import Pair, Values
from l1ml.trigger.menus.requirements import ConditionRequirement, CorrelationCut, CorrelationKind

__all__ = ["Quantity", "quantity_of"]

_TRANSVERSE = {"mass_trv", "mass_trv_orm"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """How a cut is formed, and its decimal precision in a geometry."""

    values: Callable[[Pair], Values]
    precision: Callable[[Geometry], int]


def _mass_precision(geometry: Geometry) -> int:
    return 2 * PT_PRECISION + geometry.math_precision


_QUANTITIES: dict[CorrelationKind, Quantity] = {
    "deta": Quantity(Pair.deta, lambda _: DELTA_PRECISION),
    "dphi": Quantity(Pair.dphi, lambda _: DELTA_PRECISION),
    "dr": Quantity(Pair.dr_squared, lambda _: 2 * DELTA_PRECISION),
    "mass": Quantity(Pair.mass, _mass_precision),
    "mass_upt": Quantity(Pair.mass_upt, _mass_precision),
    "mass_over_dr": Quantity(Pair.mass_over_dr, lambda geometry: _mass_precision(geometry) + INVERSE_DR_PRECISION),
    "tbpt": Quantity(Pair.two_body_pt, lambda geometry: 2 * PT_PRECISION + 2 * geometry.math_precision),
    "charge": Quantity(Pair.charges, lambda _: 0),
}
_REMOVAL: dict[CorrelationKind, CorrelationKind] = {"orm_deta": "deta", "orm_dphi": "dphi", "orm_dr": "dr"}
_OF_TRANSVERSE_MASS = Quantity(Pair.transverse_mass, _mass_precision)


def quantity_of(cut: CorrelationCut, condition: ConditionRequirement) -> Quantity:
    """How `cut` is formed in `condition`.

    Raises
    ------
    ConfigError
        If there is no such cut on a pair.
    """
    if cut.kind == "mass" and condition.function in _TRANSVERSE:
        return _OF_TRANSVERSE_MASS
    kind = "mass_upt" if cut.kind == "mass" and condition.kind == "mass_upt" else _REMOVAL.get(cut.kind, cut.kind)
    if kind not in _QUANTITIES:
        msg = f"{condition.name}: no cut of kind {cut.kind!r} on a pair; known: {', '.join(_QUANTITIES)}"
        raise ConfigError(msg)
    return _QUANTITIES[kind]
