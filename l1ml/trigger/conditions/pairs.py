"""Integer quantities of pairs of objects: differences, mass, two-body pt, exactly as the firmware forms them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from l1ml.trigger.conditions.lut_tables import (
    CALO,
    CALO_MUON,
    MUON,
    Geometry,
    pt_table,
    unconstrained_pt_table,
)

__all__ = ["CHARGE_CODES", "Pair", "Particle", "Values", "charge_code"]

Words = NDArray[np.integer[Any]]
Values = NDArray[np.integer[Any]]

_PT_BITS = {"muon": 9, "egamma": 9, "tau": 9, "jet": 11}
_SUM_PT_BITS = 12
_HIGHEST = np.iinfo(np.int64).max

CHARGE_CODES = {"ls": 1, "os": 2}
"""What `charge_code` says of charges that are all alike, and not all alike."""


def _as_they_are(words: Words) -> Words:
    return words


@dataclass(frozen=True, slots=True)
class Particle:
    """The objects on one side of many pairs.

    Parameters
    ----------
    collection : str
        Where they come from; muons have other tables and other bins.
    words : callable
        Words of a field by its name.
    expand : callable, optional
        Repeats what was read for each pair that an object is in: a table is read once for each object, not once for each pair.
    on_muon_scale : bool
        Whether eta and phi of a calorimeter object are read in the bins of the muons.
    """

    collection: str
    words: Callable[[str], Words]
    expand: Callable[[Words], Words] = _as_they_are
    on_muon_scale: bool = False

    @property
    def is_muon(self) -> bool:
        """Whether these are muons."""
        return self.collection == "muon"

    def word(self, name: str) -> Words:
        """Words of the field `name`, one for each pair."""
        return self.expand(self.words(name))

    def place(self, name: str) -> Words:
        """Eta or phi in the bins of the pair: a calorimeter bin is four muon bins wide, and its centre counts."""
        word = self.words(name)
        return self.expand(4 * word + 2 if self.on_muon_scale and not self.is_muon else word)

    def pt(self) -> Values:
        """Pt in GeV at the bin centre, precision 1."""
        table = pt_table(_PT_BITS.get(self.collection, _SUM_PT_BITS), muon=self.is_muon)
        return self.expand(table[self.words("pt")])

    def unconstrained_pt(self) -> Values:
        """Unconstrained pt in GeV at the bin centre, precision 1."""
        return self.expand(unconstrained_pt_table()[self.words("unconstrained_pt")])


@dataclass(frozen=True, slots=True)
class Pair:
    """Many pairs of objects in common bins; what several quantities need is formed once.

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
    _steps: dict[str, Words] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, first: Particle, second: Particle) -> Pair:
        """Pair in the common bins of its objects."""
        if first.is_muon and second.is_muon:
            return cls(MUON, first, second)
        if not (first.is_muon or second.is_muon):
            return cls(CALO, first, second)
        return cls(CALO_MUON, replace(first, on_muon_scale=True), replace(second, on_muon_scale=True))

    def eta_steps(self) -> Words:
        """Difference of the eta words, 0 or more."""
        return self._difference("eta")

    def phi_steps(self) -> Words:
        """Difference of the phi words, 0 or more; the tables are periodic.

        Raises
        ------
        DataError
            If a word lies beyond the last bin.
        """
        known = "phi" in self._steps
        steps = self._difference("phi")
        if not known and steps.max(initial=0) >= self.geometry.phi_bins:
            scale = f"the {self.geometry.name} scale has {self.geometry.phi_bins} bins"
            farthest = steps.max()
            del self._steps["phi"]
            msg = f"a phi word lies {farthest} bins from another: {scale}"
            raise DataError(msg)
        return steps

    def _difference(self, name: str) -> Words:
        """As wide as an index: a table that is read with narrow words copies them each time."""
        if name not in self._steps:
            self._steps[name] = np.abs(self.first.place(name) - self.second.place(name)).astype(np.intp)
        return self._steps[name]

    def deta(self) -> Values:
        """``|deta|``, precision 3."""
        return self.geometry.deta().take(self.eta_steps())

    def dphi(self) -> Values:
        """``|dphi|`` in rad, precision 3."""
        return self.geometry.dphi().take(self.phi_steps())

    def dr_squared(self) -> Values:
        """``deta ** 2 + dphi ** 2``, precision 6."""
        deta, dphi = self.deta(), self.dphi()
        return deta * deta + dphi * dphi

    def _angular(self) -> Values:
        """``cosh(deta) - cos(dphi)``, math precision of the geometry."""
        return self.geometry.cosh_deta().take(self.eta_steps()) - self.geometry.cos_dphi().take(self.phi_steps())

    def mass(self) -> Values:
        """``mass ** 2 / 2``, precision 2 + math precision."""
        return _wide_product(self.first.pt() * self.second.pt(), self._angular())

    def mass_upt(self) -> Values:
        """``mass ** 2 / 2`` from the unconstrained pt."""
        return _wide_product(self.first.unconstrained_pt() * self.second.unconstrained_pt(), self._angular())

    def mass_over_dr(self) -> Values:
        """``mass ** 2 / 2`` times the table of ``1 / dR ** 2``; the highest word if both objects are in one coarse bin.

        The differences are those of the words without their dropped bits, not the differences without them.

        Raises
        ------
        DataError
            If the firmware has no such table for these objects.

        Notes
        -----
        Sources: ``mass_over_dr_calc.vhd``, ``correlation_cuts_calculation.vhd`` and, for the half resolution of two muons,
        ``obj_parameter.vhd``, 2021-11-26. No product passes 63 bits: one factor is large only where the other is small.
        """
        table = self.geometry.inverse_dr_squared()
        dropped = self.geometry.dropped_bits or 0
        self.phi_steps()
        eta, phi = (np.abs((self.first.place(n) >> dropped) - (self.second.place(n) >> dropped)) for n in ("eta", "phi"))
        inverse = table[eta, np.minimum(phi, (self.geometry.phi_bins >> dropped) - phi)]
        return np.where(inverse == 0, _HIGHEST, self.mass() * inverse)

    def charges(self) -> Values:
        """`charge_code` of the two."""
        return charge_code((self.first, self.second))

    def transverse_mass(self) -> Values:
        """``mass ** 2 / 2`` transverse."""
        one = 10**self.geometry.math_precision
        return _wide_product(self.first.pt() * self.second.pt(), one - self.geometry.cos_dphi().take(self.phi_steps()))

    def two_body_pt(self) -> Values:
        """``|pt_1 + pt_2| ** 2`` as vectors, precision 2 + twice the math precision."""
        self.phi_steps()
        first, second = self.first.place("phi"), self.second.place("phi")
        cosine, sine = self.geometry.cos_phi(), self.geometry.sin_phi()
        overlap = cosine[first] * cosine[second] + sine[first] * sine[second]
        one = 10 ** (2 * self.geometry.math_precision)
        pt_1, pt_2 = self.first.pt().astype(np.int64), self.second.pt().astype(np.int64)
        return np.asarray((pt_1**2 + pt_2**2) * one + 2 * pt_1 * pt_2 * overlap)


def _wide_product(first: Values, second: Values) -> Values:
    """The product in 64 bits: up to here all factors fit into 32."""
    return np.multiply(first, second, dtype=np.int64)


def charge_code(particles: Sequence[Particle]) -> Values:
    """`CHARGE_CODES` of the charges of muons, 0 if any is not valid.

    Source: ``muon_charge_correlations.vhd``.
    """
    valid = np.logical_and.reduce([item.word("charge_valid") == 1 for item in particles])
    alike = np.logical_and.reduce([item.word("charge") == particles[0].word("charge") for item in particles[1:]])
    return np.asarray(np.where(alike, np.int8(CHARGE_CODES["ls"]), np.int8(CHARGE_CODES["os"])) * valid)
