"""Generator quantities of the hard collision alone, for the axes of turn-on curves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import muted, require
from l1ml.data.generation.particles import Particles

__all__ = ["TRUTH_NAMES", "collision_truth"]

TRUTH_NAMES = ("gen_muon_pt", "gen_egamma_pt", "gen_jet_pt", "gen_met", "gen_ht")
"""Leading muon (|eta| < 2.4), leading prompt electron or photon (|eta| < 2.5), leading anti-kt 0.4 jet (|eta| < 5), sum of the
neutrinos, and sum of the jets above 30 GeV with |eta| < 2.5; GeV, 0 where there is none."""

_JET_ACCEPTANCE, _HT_ACCEPTANCE, _HT_THRESHOLD = 5.0, 2.5, 30.0


def collision_truth(particles: Particles) -> dict[str, NDArray[np.float32]]:
    """Truth of every collision, one array of shape (n_collisions,) for each of `TRUTH_NAMES`."""
    eta = np.abs(particles.eta)
    jet_pt, ht = _jets(particles.select(~particles.is_neutrino & (eta < _JET_ACCEPTANCE)))
    muons = particles.is_muon & (eta < 2.4)
    egamma = particles.is_electromagnetic & particles.prompt & (eta < 2.5)
    columns = (_leading(particles, muons), _leading(particles, egamma), jet_pt, _missing(particles), ht)
    return {name: column.astype(np.float32) for name, column in zip(TRUTH_NAMES, columns, strict=True)}


def _leading(particles: Particles, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Largest pt among the masked particles of each collision."""
    leading = np.zeros(particles.n_collisions)
    np.maximum.at(leading, particles.collision[mask], particles.pt[mask])
    return leading


def _missing(particles: Particles) -> NDArray[np.float64]:
    """Transverse momentum carried away by neutrinos."""
    lost = particles.select(particles.is_neutrino)
    sums = [np.bincount(lost.collision, column, particles.n_collisions) for column in (lost.px, lost.py)]
    return np.hypot(*sums)


def _jets(particles: Particles) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Leading jet pt and HT (anti-kt, R = 0.4; M. Cacciari, G. Salam, G. Soyez, arXiv:0802.1189 and 1111.6097)."""
    ak, fastjet = require("awkward"), require("fastjet")
    columns = {"px": particles.px, "py": particles.py, "pz": particles.pz, "E": particles.energy}
    count = np.bincount(particles.collision, minlength=particles.n_collisions)
    inputs = ak.unflatten(ak.zip(columns, with_name="Momentum4D"), count)
    with muted(1):  # FastJet writes a banner to a stdout that carries results
        sequence = fastjet.ClusterSequence(inputs, fastjet.JetDefinition(fastjet.antikt_algorithm, 0.4))
        jets = sequence.inclusive_jets(min_pt=5.0)
    owner = np.repeat(np.arange(particles.n_collisions), ak.to_numpy(ak.num(jets.px)))
    px, py, pz = (ak.to_numpy(ak.flatten(jets[name])) for name in ("px", "py", "pz"))
    pt = np.hypot(px, py)
    leading = np.zeros(particles.n_collisions)
    np.maximum.at(leading, owner, pt)
    counted = (pt > _HT_THRESHOLD) & (np.abs(np.arcsinh(pz / pt)) < _HT_ACCEPTANCE)
    return leading, np.bincount(owner[counted], pt[counted], particles.n_collisions).astype(np.float64)
