"""Jets of many collisions at once, with their constituents; grooming and subjettiness.

FastJet (M. Cacciari, G. Salam, G. Soyez, arXiv:1111.6097; core GPL-2 or later) and its contrib do the work; they are asked for
when something is clustered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import muted, require
from l1ml.data.generation.jet_samples.four_vectors import FloatArray, pseudorapidity, transverse

__all__ = ["Groomed", "Jets", "anti_kt_jets", "soft_drop", "subjettiness"]

_WHOLE = 10.0
"""Radius with which all constituents of a jet end up in one."""


@dataclass(frozen=True, eq=False)
class Jets:
    """Jets, collision after collision, by falling pt within each.

    Parameters
    ----------
    collision : ndarray of int64, shape (n,)
        Which collision a jet belongs to, rising.
    momentum : ndarray of float64, shape (n, 4)
        Four-vectors (E scheme).
    count : ndarray of int64, shape (n,)
        Constituents of each jet.
    constituents : ndarray of float64, shape (count.sum(), 4)
        Their four-vectors, jet after jet.
    """

    collision: NDArray[np.int64]
    momentum: FloatArray
    count: NDArray[np.int64]
    constituents: FloatArray

    def __len__(self) -> int:
        return len(self.collision)

    @property
    def owner(self) -> NDArray[np.int64]:
        """Jet of each constituent."""
        return np.repeat(np.arange(len(self)), self.count)

    def parts(self) -> list[FloatArray]:
        """Constituents of each jet, shape (count, 4)."""
        return np.split(self.constituents, np.cumsum(self.count)[:-1])

    def select(self, rows: NDArray[Any]) -> Self:
        """The jets that a mask or an index array picks, in its order."""
        rows = np.arange(len(self))[rows]
        start = np.cumsum(self.count) - self.count
        return type(self)(
            self.collision[rows],
            self.momentum[rows],
            self.count[rows],
            self.constituents[_ranges(start[rows], self.count[rows])],
        )

    def leading(self) -> Self:
        """The first jet of each collision that has one."""
        return self.select(np.unique(self.collision, return_index=True)[1])


@dataclass(frozen=True, eq=False)
class Groomed:
    """What soft drop leaves of jets.

    Parameters
    ----------
    mass, pt : ndarray of float64, shape (n,)
        In GeV.
    fraction : ndarray of float64, shape (n,)
        z_g, the share of the softer branch where grooming stopped, up to 0.5; 0 where no splitting passed.
    count : ndarray of int64, shape (n,)
        Constituents that are left.
    constituents : ndarray of float64, shape (count.sum(), 4)
        Their four-vectors, jet after jet.
    """

    mass: FloatArray
    pt: FloatArray
    fraction: FloatArray
    count: NDArray[np.int64]
    constituents: FloatArray

    def parts(self) -> list[FloatArray]:
        """Constituents of each jet that are left, shape (count, 4)."""
        return np.split(self.constituents, np.cumsum(self.count)[:-1])


def anti_kt_jets(
    momentum: FloatArray, collision: NDArray[np.int64], n_collisions: int, *, radius: float, min_pt: float, max_eta: float
) -> Jets:
    """Anti-kt jets (arXiv:0802.1189).

    Parameters
    ----------
    momentum : ndarray of float64, shape (n, 4)
        Particles.
    collision : ndarray of int64, shape (n,)
        Rising number of the collision of each.
    n_collisions : int
        Number of collisions, those without particles included.
    radius : float
        Distance parameter R.
    min_pt : float
        Least pt of a jet in GeV.
    max_eta : float
        Greatest absolute pseudorapidity of the axis of a jet.
    """
    ak, fastjet = require("awkward"), require("fastjet")
    count = np.bincount(collision, minlength=n_collisions)
    with muted(1):  # FastJet writes a banner to a stdout that carries results
        sequence = _clustered(fastjet.JetDefinition(fastjet.antikt_algorithm, radius), momentum, count)
        found, index = sequence.inclusive_jets(min_pt=min_pt), sequence.constituent_index(min_pt=min_pt)
    jets_of = ak.to_numpy(ak.num(found.px, axis=1))
    owner = np.repeat(np.arange(n_collisions), jets_of)
    four = np.stack([ak.to_numpy(ak.flatten(found[name])) for name in ("px", "py", "pz", "E")], axis=1).reshape(-1, 4)
    inside = ak.flatten(index, axis=1)
    sizes = ak.to_numpy(ak.num(inside, axis=1)).astype(np.int64)
    first = (np.cumsum(count) - count)[owner]
    rows = np.repeat(first, sizes) + ak.to_numpy(ak.flatten(inside, axis=1))
    jets = Jets(owner, four, sizes, momentum[rows])
    order = np.lexsort((-transverse(four), owner))
    return jets.select(order[np.abs(pseudorapidity(four[order])) < max_eta])


def soft_drop(jets: Jets, *, cut: float = 0.1, beta: float = 0.0) -> Groomed:
    """Soft drop with ``z > cut (dR / R) ** beta`` (arXiv:1402.2657), after Cambridge/Aachen; `beta` 0 is the modified mass drop
    tagger (arXiv:1307.0007), which knows no R.
    """  # noqa: D205 - one sentence
    ak, fastjet = require("awkward"), require("fastjet")
    if not len(jets):
        nothing = np.zeros(0)
        return Groomed(nothing, nothing, nothing, np.zeros(0, np.int64), np.zeros((0, 4)))
    with muted(1):
        sequence = _clustered(fastjet.JetDefinition(fastjet.cambridge_algorithm, _WHOLE), jets.constituents, jets.count)
        left = sequence.exclusive_jets_softdrop_grooming(njets=1, beta=beta, symmetry_cut=cut)
    kept = left.constituents
    four = np.stack([ak.to_numpy(ak.flatten(kept[name])) for name in ("px", "py", "pz", "E")], axis=1)
    mass, pt, fraction = (np.maximum(ak.to_numpy(left[f"{name}softdrop"]), 0) for name in ("m", "pt", "symmetry"))
    return Groomed(mass, pt, fraction, ak.to_numpy(ak.num(kept.px)).astype(np.int64), four)


def subjettiness(jets: Jets, n: int) -> FloatArray:
    """N-subjettiness of `n` axes, ``sum pt min(dR) / sum pt`` (arXiv:1011.2268, beta 1), shape (n_jets,).

    The axes are those of `n` exclusive kt jets with winner-take-all recombination (arXiv:1401.2158), not moved any further.
    """
    ak, fastjet = require("awkward"), require("fastjet")
    if not len(jets):
        return np.zeros(0)
    with muted(1):
        sequence = _clustered(fastjet.JetDefinition(fastjet.cambridge_algorithm, _WHOLE), jets.constituents, jets.count)
        found = sequence.njettiness("NormalizedMeasure", "WTA_KT_Axes", [n], 1.0, R0=1.0)
    return np.asarray(ak.to_numpy(found), np.float64).reshape(len(jets))


def _clustered(definition: Any, momentum: FloatArray, count: NDArray[np.int64]) -> Any:
    """Clustering of the particles of each collision, or of the constituents of each jet."""
    ak, fastjet = require("awkward"), require("fastjet")
    columns = {name: np.ascontiguousarray(momentum[:, k]) for k, name in enumerate(("px", "py", "pz", "E"))}
    return fastjet.ClusterSequence(ak.unflatten(ak.zip(columns, with_name="Momentum4D"), count), definition)


def _ranges(start: NDArray[np.int64], count: NDArray[np.int64]) -> NDArray[np.int64]:
    """``start[0], start[0] + 1, ...`` (`count` of them), then those of the next."""
    ends = np.cumsum(count)
    return np.asarray(np.repeat(start - (ends - count), count) + np.arange(ends[-1] if len(ends) else 0))
