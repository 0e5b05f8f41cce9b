"""Stable particles of a batch of collisions as flat numpy columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require

__all__ = ["Particles", "stable_particles"]

FloatArray = NDArray[np.float64]

_NEUTRINOS = (12, 14, 16)
_ELECTRON, _MUON, _PHOTON = 11, 13, 22


@dataclass(frozen=True, eq=False)
class Particles:
    """Final-state particles, collision after collision.

    Parameters
    ----------
    n_collisions : int
        Number of collisions, those without particles included.
    collision : ndarray of int64, shape (n,)
        Which collision a particle belongs to, rising.
    pdg : ndarray of int32, shape (n,)
        Particle code of the Particle Data Group.
    charge : ndarray of float64, shape (n,)
        In units of the positron charge.
    px, py, pz, energy : ndarray of float64, shape (n,)
        Four-momentum in GeV.
    prompt : ndarray of bool, shape (n,)
        Whether no hadron is among the direct mothers (so that photons of pi0 decays, for one, are not prompt).
    vertex : ndarray of float64, shape (n, 3), optional
        Where it was made, in metres from the centre of the detector. None stands for the centre.
    """

    n_collisions: int
    collision: NDArray[np.int64]
    pdg: NDArray[np.int32]
    charge: FloatArray
    px: FloatArray
    py: FloatArray
    pz: FloatArray
    energy: FloatArray
    prompt: NDArray[np.bool_]
    vertex: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.pdg)

    @property
    def pt(self) -> FloatArray:
        """Transverse momentum in GeV."""
        return np.hypot(self.px, self.py)

    @property
    def eta(self) -> FloatArray:
        """Pseudorapidity."""
        return np.arcsinh(self.pz / np.maximum(self.pt, 1e-9))

    @property
    def phi(self) -> FloatArray:
        """Azimuth in radians, -pi..pi."""
        return np.arctan2(self.py, self.px)

    @property
    def is_neutrino(self) -> NDArray[np.bool_]:
        """Particles that leave no trace."""
        return np.isin(np.abs(self.pdg), _NEUTRINOS)

    @property
    def is_muon(self) -> NDArray[np.bool_]:
        """Muons of either charge."""
        return np.asarray(np.abs(self.pdg) == _MUON)

    @property
    def is_electromagnetic(self) -> NDArray[np.bool_]:
        """Electrons and photons."""
        return np.isin(np.abs(self.pdg), (_ELECTRON, _PHOTON))

    def select(self, mask: NDArray[np.bool_]) -> Self:
        """The particles that `mask` picks; `n_collisions` stays."""
        names = [name for name in self.__dataclass_fields__ if name not in {"n_collisions", "vertex"}]
        vertex = None if self.vertex is None else self.vertex[mask]
        return type(self)(self.n_collisions, **{name: getattr(self, name)[mask] for name in names}, vertex=vertex)


def stable_particles(batch: Any, particle_data: Any, *, displaced: bool = False) -> Particles:
    """Final-state particles of a batch that ``nextBatch`` returned.

    Parameters
    ----------
    batch : awkward array
        Records with the field ``prt``.
    particle_data : pythia8mc.ParticleData
        Source of the electric charges.
    displaced : bool
        Whether to note where each particle was made.
    """
    ak = require("awkward")
    record = batch.prt
    counts = ak.to_numpy(ak.num(record.status))
    flat = ak.flatten(record, axis=1)
    final = ak.to_numpy(flat.status) > 0
    pdg = ak.to_numpy(flat.id)
    collision = np.repeat(np.arange(len(counts)), counts)[final]
    start = np.concatenate([[0], np.cumsum(counts)[:-1]])
    mothers = np.abs(pdg[start[collision] + ak.to_numpy(flat.mother1)[final]])
    px, py, pz, energy = (ak.to_numpy(flat.p[name])[final] for name in ("px", "py", "pz", "e"))
    charge = _charges(pdg[final], particle_data)
    vertex = _vertices(flat.vProd)[final] if displaced else None
    return Particles(len(counts), collision, pdg[final], charge, px, py, pz, energy, ~_is_hadron(mothers), vertex)


def _vertices(vertices: Any) -> FloatArray:
    """Production vertices in metres, shape (n, 3); Pythia has millimetres, and nothing for the centre."""
    ak = require("awkward")
    return np.stack([ak.to_numpy(ak.fill_none(vertices[name], 0.0)) for name in ("px", "py", "pz")], axis=1) / 1000


def _is_hadron(pdg: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Mesons and baryons by the PDG numbering: a quark digit in the tens and hundreds places."""
    return (pdg > 100) & (pdg < 1_000_000_000) & ((pdg // 10) % 10 > 0) & ((pdg // 100) % 10 > 0)


def _charges(pdg: NDArray[np.int32], particle_data: Any) -> FloatArray:
    """Charge of each particle; the table is asked once per kind."""
    kinds, inverse = np.unique(pdg, return_inverse=True)
    return np.array([particle_data.charge(int(kind)) for kind in kinds], dtype=np.float64)[inverse]
