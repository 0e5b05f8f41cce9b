"""Look-up tables of the Global Trigger: differences, cosh, cos and pt as integers at a stated decimal precision.

All entries follow one rule, ``floor(value * 10 ** precision + 1 / 2)``; they are computed once and are the only place with
floating point. Checked entry by entry against ``gtl_luts_pkg.vhd`` of the firmware (cms-l1-globaltrigger/mp7_ugt_legacy), and
those of 1 / dR^2 against all 69,632 words of its 11 memories (``rom_lut_calo_inv_dr_sq_1`` to ``rom_lut_muon_inv_dr_sq_6.mif``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError

__all__ = [
    "CALO",
    "CALO_MUON",
    "DELTA_PRECISION",
    "INVERSE_DR_PRECISION",
    "MUON",
    "PT_PRECISION",
    "Geometry",
    "pt_table",
    "unconstrained_pt_table",
]

Table = NDArray[np.integer[Any]]
"""As narrow as all entries allow: 64-bit look-ups and comparisons take several times as long."""

DELTA_PRECISION = 3
"""Decimal digits of the tables of ``|deta|`` and ``|dphi|``."""

PT_PRECISION = 1
"""Decimal digits of the tables of pt in GeV."""

INVERSE_DR_PRECISION = 5
"""Decimal digits of the tables of 1 / dR^2."""

_PT_STEP = 0.5
_ETA_STEP_CALO = 0.0435
_ETA_STEP_MUON = 0.010875


def _rounded(values: NDArray[np.floating[Any]], precision: int) -> Table:
    """Halves up, as the firmware's tables were made."""
    return np.asarray(np.floor(values * 10**precision + 0.5), dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Geometry:
    """Bins of eta and phi in which two objects are compared, and the tables over their differences.

    Parameters
    ----------
    name : str
        For messages.
    eta_step : float
        Width of an eta bin.
    phi_bins : int
        Bins around the circle.
    eta_entries : int
        Differences of eta that the firmware's tables hold; beyond them every table reads 0.
    math_precision : int
        Decimal digits of cosh and cos in the mass.
    dropped_bits : int, optional
        Low bits of eta and phi that the table of 1 / dR^2 does not see; None where the firmware has no such table.
    """

    name: str
    eta_step: float
    phi_bins: int
    eta_entries: int
    math_precision: int
    dropped_bits: int | None = None

    def deta(self) -> Table:
        """``|deta|`` over the difference of the eta words, precision 3, shape (2048,)."""
        return _eta_table(self, hyperbolic=False)

    def dphi(self) -> Table:
        """``|dphi|`` in rad over the difference of the phi words, precision 3, shape (phi_bins,): wrapped into 0 to pi."""
        return _phi_table(self, circular=False)

    def cosh_deta(self) -> Table:
        """Hyperbolic cosine of deta over the difference of the eta words, shape (2048,)."""
        return _eta_table(self, hyperbolic=True)

    def cos_dphi(self) -> Table:
        """Cosine of dphi over the difference of the phi words, shape (phi_bins,)."""
        return _phi_table(self, circular=True)

    def inverse_dr_squared(self) -> Table:
        """``1 / (deta ** 2 + dphi ** 2)``, precision 5, over the differences in coarse bins, shape (256, phi entries).

        The words lose `dropped_bits` before they are subtracted, and phi is wrapped into half a turn. Entry (0, 0) reads 0.

        Raises
        ------
        DataError
            If the firmware has no such table.
        """
        return _inverse_table(self)

    def cos_phi(self) -> Table:
        """Cosine of phi at the bin centre, shape (phi_bins,); for the two-body pt."""
        return _rounded(np.cos(self._phi_centres()), self.math_precision)

    def sin_phi(self) -> Table:
        """Sine of phi at the bin centre, shape (phi_bins,); for the two-body pt."""
        return _rounded(np.sin(self._phi_centres()), self.math_precision)

    def _phi_centres(self) -> NDArray[np.floating[Any]]:
        return (np.arange(self.phi_bins) + 0.5) * 2 * np.pi / self.phi_bins


_ENTRIES = 2048
"""Room for the difference of any two eta words: 11 bits."""

_INVERSE_ENTRIES = 256
"""Differences of eta that the memories of 1 / dR^2 are addressed with: 8 bits."""


@cache
def _eta_table(geometry: Geometry, *, hyperbolic: bool) -> Table:
    table = np.zeros(_ENTRIES, dtype=np.int32)
    delta = np.arange(geometry.eta_entries) * geometry.eta_step
    entries = _rounded(np.cosh(delta), geometry.math_precision) if hyperbolic else _rounded(delta, DELTA_PRECISION)
    table[: geometry.eta_entries] = entries
    table.flags.writeable = False
    return table


@cache
def _phi_table(geometry: Geometry, *, circular: bool) -> Table:
    steps = np.arange(geometry.phi_bins)
    delta = np.minimum(steps, geometry.phi_bins - steps) * 2 * np.pi / geometry.phi_bins
    table = _rounded(np.cos(delta), geometry.math_precision) if circular else _rounded(delta, DELTA_PRECISION)
    table.flags.writeable = False
    return table


@cache
def _inverse_table(geometry: Geometry) -> Table:
    if geometry.dropped_bits is None:
        msg = f"the firmware has no table of 1 / dR^2 for {geometry.name}: only for two muons or two calorimeter objects"
        raise DataError(msg)
    coarse = 2**geometry.dropped_bits
    phi_bins = geometry.phi_bins // coarse
    deta = np.arange(_INVERSE_ENTRIES)[:, np.newaxis] * geometry.eta_step * coarse
    dphi = np.arange(phi_bins // 2 + 1) * 2 * np.pi / phi_bins
    squared = deta**2 + dphi**2
    squared[0, 0] = np.inf
    table = _rounded(1 / squared, INVERSE_DR_PRECISION)
    table.flags.writeable = False
    return table


CALO = Geometry("calorimeter", _ETA_STEP_CALO, 144, 230, 3, dropped_bits=0)
"""Both objects from the calorimeter: e/gamma, tau, jet, sums."""

MUON = Geometry("muon", _ETA_STEP_MUON, 576, 451, 4, dropped_bits=1)
"""Both objects are muons."""

CALO_MUON = Geometry("calorimeter and muon", _ETA_STEP_MUON, 576, 920, 4)
"""One of each: the calorimeter object is first put on the muon scale, see `l1ml.trigger.conditions.pairs`."""


@cache
def pt_table(n_bits: int, *, muon: bool) -> Table:
    """Pt in GeV at the bin centre, precision 1, shape (2 ** n_bits,): a muon's word 0 is no muon and reads 0."""
    centres = np.arange(2**n_bits) * _PT_STEP + _PT_STEP / 2
    table = _rounded(centres, PT_PRECISION)
    if muon:
        table = np.concatenate([np.zeros(1, table.dtype), table[:-1]])
    table.flags.writeable = False
    return table


@cache
def unconstrained_pt_table() -> Table:
    """Unconstrained pt of a muon in GeV at the bin centre, precision 1, shape (256,): word 0 reads 0, bins of 1 GeV."""
    table = _rounded(np.arange(256) - 0.5, PT_PRECISION)
    table[0] = 0
    table.flags.writeable = False
    return table
