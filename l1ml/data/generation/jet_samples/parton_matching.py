"""Which jet comes from which parton of the hard process."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data.generation.jet_samples.four_vectors import FloatArray, azimuth, azimuth_difference, pseudorapidity
from l1ml.data.generation.jet_samples.jet_clusters import Jets

__all__ = ["matched", "partons_of"]

_GLUON_OR_QUARK, _RESONANCE = 23, 62
"""Pythia's status of an outgoing parton of the hard process, and of what it has become when its decay is due."""
_RESONANCES = {"w": 24, "z": 23, "t": 6}


def partons_of(batch: Any, name: str) -> tuple[FloatArray, NDArray[np.int64]]:
    """Four-vectors (n, 4) of the partons, W, Z or top that the jets of class `name` come from, and the collision of each."""
    ak = require("awkward")
    record = batch.prt
    owner = np.repeat(np.arange(len(batch)), ak.to_numpy(ak.num(record.status)))
    flat = ak.flatten(record, axis=1)
    status, code = np.abs(ak.to_numpy(flat.status)), np.abs(ak.to_numpy(flat.id))
    if name in _RESONANCES:
        chosen = (status == _RESONANCE) & (code == _RESONANCES[name])
    else:
        chosen = (status == _GLUON_OR_QUARK) & ((code == 21) == (name == "g"))
    momentum = np.stack([ak.to_numpy(flat.p[axis])[chosen] for axis in ("px", "py", "pz", "e")], axis=1)
    return momentum.astype(np.float64), owner[chosen]


def matched(
    jets: Jets, partons: FloatArray, owner: NDArray[np.int64], limit: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of the jets within `limit` of a parton of their collision, and of that parton; each once, nearest first."""
    jet_of, parton_of = np.nonzero(jets.collision[:, None] == owner)
    first, second = jets.momentum[jet_of], partons[parton_of]
    distance = np.hypot(pseudorapidity(first) - pseudorapidity(second), azimuth_difference(azimuth(first), azimuth(second)))
    pairs: dict[int, int] = {}
    for pair in np.argsort(distance, kind="stable")[: int(np.sum(distance < limit))]:
        jet, parton = int(jet_of[pair]), int(parton_of[pair])
        if jet not in pairs and parton not in pairs.values():
            pairs[jet] = parton
    rows = np.array(sorted(pairs), np.int64)
    return rows, np.array([pairs[row] for row in rows], np.int64)
