"""Integer quantities of pairs of objects: differences, mass, two-body pt, exactly as the firmware forms them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from l1ml.trigger.conditions.columns import COLLECTIONS, Columns
from l1ml.trigger.conditions.lut_tables import (
    CALO,
    CALO_MUON,
    DELTA_PRECISION,
    MUON,
    PT_PRECISION,
    Geometry,
    pt_table,
    unconstrained_pt_table,
)
from l1ml.trigger.menus.requirements import CorrelationKind, ObjectRequirement

__all__ = ["QUANTITIES", "Pair", "Particle", "Quantity"]

Values = NDArray[np.int64]

_PT_BITS = {"muon": 9, "egamma": 9, "tau": 9, "jet": 11}
_SUM_PT_BITS = 12


@dataclass(frozen=True, slots=True)
class Particle:
    """Objects of one requirement, one for each choice.

    Parameters
    ----------
    requirement : ObjectRequirement
        What they were chosen for.
    columns : Columns
        The crossings.
    slots, rows : int arrays, shape (m,)
        Place in the collection, and crossing of the decision.
    on_muon_scale : bool
        Whether eta and phi of a calorimeter object are read in the bins of the muons.
    """

    requirement: ObjectRequirement
    columns: Columns
    slots: NDArray[np.intp]
    rows: NDArray[np.intp]
    on_muon_scale: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def collection(self) -> str:
        """Collection of the objects."""
        return COLLECTIONS[self.requirement.object]

    @property
    def is_muon(self) -> bool:
        """Whether these are muons: other tables, other bins."""
        return self.collection == "muon"

    def where(self, keep: NDArray[np.bool_]) -> Particle:
        """Those choices that `keep` marks."""
        return replace(self, slots=self.slots[keep], rows=self.rows[keep])

    def word(self, name: str) -> NDArray[np.integer[Any]]:
        """Words of the field `name`, shape (m,)."""
        column = self.columns.field(self.collection, name)
        return self.columns.seen(column, self.requirement.bx_offset)[self.slots, self.rows]

    def place(self, name: str) -> NDArray[np.integer[Any]]:
        """Eta or phi in the bins of the pair: a calorimeter bin is four muon bins wide, and its centre counts."""
        word = self.word(name)
        return 4 * word + 2 if self.on_muon_scale and not self.is_muon else word

    def pt(self) -> Values:
        """Pt in GeV at the bin centre, precision 1."""
        table = pt_table(_PT_BITS.get(self.collection, _SUM_PT_BITS), muon=self.is_muon)
        return np.asarray(table[self.word("pt")])

    def unconstrained_pt(self) -> Values:
        """Unconstrained pt in GeV at the bin centre, precision 1."""
        return np.asarray(unconstrained_pt_table()[self.word("unconstrained_pt")])


@dataclass(frozen=True, slots=True)
class Pair:
    """Two objects of each choice in common bins.

    Parameters
    ----------
    geometry : Geometry
        The bins and their tables.
    first, second : Particle
        The objects, both read in those bins.
    """

    geometry: Geometry
    first: Particle
    second: Particle

    @classmethod
    def of(cls, first: Particle, second: Particle) -> Pair:
        """Pair in the common bins of its objects."""
        if first.is_muon and second.is_muon:
            return cls(MUON, first, second)
        if not (first.is_muon or second.is_muon):
            return cls(CALO, first, second)
        return cls(CALO_MUON, replace(first, on_muon_scale=True), replace(second, on_muon_scale=True))

    def eta_steps(self) -> NDArray[np.integer[Any]]:
        """Difference of the eta words, 0 or more."""
        return np.abs(self.first.place("eta") - self.second.place("eta"))

    def phi_steps(self) -> NDArray[np.integer[Any]]:
        """Difference of the phi words, 0 or more; the tables are periodic.

        Raises
        ------
        DataError
            If a word lies beyond the last bin.
        """
        steps = np.abs(self.first.place("phi") - self.second.place("phi"))
        if steps.max(initial=0) >= self.geometry.phi_bins:
            scale = f"the {self.geometry.name} scale has {self.geometry.phi_bins} bins"
            msg = f"a phi word lies {steps.max()} bins from another: {scale}"
            raise DataError(msg)
        return steps

    def deta(self) -> Values:
        """``|deta|``, precision 3."""
        return np.asarray(self.geometry.deta()[self.eta_steps()])

    def dphi(self) -> Values:
        """``|dphi|`` in rad, precision 3."""
        return np.asarray(self.geometry.dphi()[self.phi_steps()])

    def dr_squared(self) -> Values:
        """``deta ** 2 + dphi ** 2``, precision 6."""
        return np.asarray(self.deta() ** 2 + self.dphi() ** 2)

    def _angular(self) -> Values:
        """``cosh(deta) - cos(dphi)``, math precision of the geometry."""
        return np.asarray(self.geometry.cosh_deta()[self.eta_steps()] - self.geometry.cos_dphi()[self.phi_steps()])

    def mass(self) -> Values:
        """``mass ** 2 / 2``, precision 2 + math precision."""
        return self.first.pt() * self.second.pt() * self._angular()

    def mass_upt(self) -> Values:
        """``mass ** 2 / 2`` from the unconstrained pt."""
        return self.first.unconstrained_pt() * self.second.unconstrained_pt() * self._angular()

    def transverse_mass(self) -> Values:
        """``mass ** 2 / 2`` transverse."""
        one = 10**self.geometry.math_precision
        return np.asarray(self.first.pt() * self.second.pt() * (one - self.geometry.cos_dphi()[self.phi_steps()]))

    def two_body_pt(self) -> Values:
        """``|pt_1 + pt_2| ** 2`` as vectors, precision 2 + twice the math precision."""
        first, second = self.first.place("phi"), self.second.place("phi")
        cosine, sine = self.geometry.cos_phi(), self.geometry.sin_phi()
        overlap = cosine[first] * cosine[second] + sine[first] * sine[second]
        one = 10 ** (2 * self.geometry.math_precision)
        return np.asarray((self.first.pt() ** 2 + self.second.pt() ** 2) * one + 2 * self.first.pt() * self.second.pt() * overlap)


@dataclass(frozen=True, slots=True)
class Quantity:
    """How a cut is formed, and its decimal precision in a geometry."""

    values: Callable[[Pair], Values]
    precision: Callable[[Geometry], int]


def _mass_precision(geometry: Geometry) -> int:
    return 2 * PT_PRECISION + geometry.math_precision


QUANTITIES: dict[CorrelationKind, Quantity] = {
    "deta": Quantity(Pair.deta, lambda _: DELTA_PRECISION),
    "dphi": Quantity(Pair.dphi, lambda _: DELTA_PRECISION),
    "dr": Quantity(Pair.dr_squared, lambda _: 2 * DELTA_PRECISION),
    "mass": Quantity(Pair.mass, _mass_precision),
    "mass_upt": Quantity(Pair.mass_upt, _mass_precision),
    "tbpt": Quantity(Pair.two_body_pt, lambda geometry: 2 * PT_PRECISION + 2 * geometry.math_precision),
}
"""Quantity of each kind of cut on a pair; `transverse_mass` is the cut "mass" of the function "mass_trv"."""
