"""Muons of the Level-1 track finders, parametrised.

Efficiency and resolution are those of the phase-1 track finders (arXiv:2006.10165, section 4): about 95 % per muon, 20 to 25 %
in 1/pt. Their pt is scaled up so that a threshold keeps 90 % of the muons that have just its pt.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import Self

import numpy as np
from numpy.typing import NDArray

from l1ml.data.generation.level1.ranking import hardest
from l1ml.data.generation.level1.trigger_parameters import TRIGGER_PARAMETERS, MuonParameters
from l1ml.data.schema import LEVEL1_SCHEMA

__all__ = ["PlacedCandidates", "build_muons", "measured_muons", "measured_pt"]

_EFFICIENCY = 0.95
_ETA_EDGES = (0.83, 1.24)
_RESOLUTIONS = np.array([0.20, 0.22, 0.25])
"""Relative resolution of 1/pt in the barrel, overlap and endcap (edges at |eta| = 0.83 and 1.24)."""

_QUANTILE_90 = 1.2816  # of a unit Gaussian
_ACCEPTANCE = 2.4

_SCHEMA = LEVEL1_SCHEMA.object("muon")
_PHI_WORDS = 576


@dataclass(frozen=True, eq=False)
class PlacedCandidates:
    """Muon candidates of many crossings, after the rotation and mirror of their collision.

    Parameters
    ----------
    crossing : ndarray of int64, shape (n,)
        Crossing of each candidate.
    pt, eta, phi : ndarray of float64, shape (n,)
        In GeV and radians.
    probability, least_fraction : ndarray of float64, shape (n,)
        See `l1ml.data.generation.level1.response.MuonCandidates`.
    charge : ndarray of int64, shape (n,)
        In units of the positron charge.
    """

    crossing: NDArray[np.int64]
    pt: NDArray[np.float64]
    eta: NDArray[np.float64]
    phi: NDArray[np.float64]
    probability: NDArray[np.float64]
    least_fraction: NDArray[np.float64]
    charge: NDArray[np.int64]

    def select(self, mask: NDArray[np.bool_]) -> Self:
        """The candidates that `mask` picks."""
        return type(self)(**{name: getattr(self, name)[mask] for name in self.__dataclass_fields__})


def build_muons(
    candidates: PlacedCandidates,
    n_crossings: int,
    rng: np.random.Generator,
    parameters: MuonParameters = TRIGGER_PARAMETERS.muon,
) -> dict[str, NDArray[np.int32]]:
    """Four hardest muons of each crossing.

    Parameters
    ----------
    candidates : PlacedCandidates
        Who may be seen as a muon.
    n_crossings : int
        Number of crossings.
    rng : numpy.random.Generator
        Decides who is found, and how well.
    parameters : MuonParameters
        The least pt.

    Returns
    -------
    dict of ndarray of int32, shape (n_crossings, 4)
        ``hw_pt``, ``hw_eta``, ``hw_phi``.
    """
    muons, words, _ = measured_muons(candidates, rng, parameters)
    return hardest(muons.crossing, words, n_crossings, _SCHEMA.n_slots)


def measured_muons(
    candidates: PlacedCandidates, rng: np.random.Generator, parameters: MuonParameters
) -> tuple[PlacedCandidates, dict[str, NDArray[np.int64]], NDArray[np.float64]]:
    """Candidates that are found, their pt, eta and phi words, and the pt in GeV that they have in the muon system."""
    found = candidates.select(rng.random(len(candidates.crossing)) < candidates.probability * _EFFICIENCY)
    share = found.least_fraction + (1 - found.least_fraction) * rng.random(len(found.crossing))
    eta = np.abs(found.eta)
    least = np.where(eta > _ETA_EDGES[-1], parameters.least_endcap_pt, parameters.least_pt)
    seen = (found.pt * share > least) & (eta < _ACCEPTANCE)
    muons = found.select(seen)
    pt = muons.pt * share[seen]
    scales = {name: _SCHEMA.field(name).scale for name in ("pt", "eta", "phi")}
    words = {
        "hw_pt": scales["pt"].to_hw(measured_pt(pt, muons.eta, rng), "floor"),
        "hw_eta": scales["eta"].to_hw(muons.eta, "nearest"),
        "hw_phi": np.floor(muons.phi * (_PHI_WORDS / (2 * pi))).astype(np.int64) % _PHI_WORDS,
    }
    return muons, words, pt


def measured_pt(pt: NDArray[np.float64], eta: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Transverse momentum in GeV after a Gaussian error of 1/pt, on the scale of 90 % efficiency."""
    sigma = _RESOLUTIONS[np.searchsorted(_ETA_EDGES, np.abs(eta))]
    inverse = np.abs(1 + sigma * rng.standard_normal(len(pt)))
    return pt * (1 + _QUANTILE_90 * sigma) / np.maximum(inverse, 1e-3)
