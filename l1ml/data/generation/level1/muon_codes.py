"""What a muon word of the Global Trigger says beyond its momentum: charge, quality, isolation, and which processor found it."""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray

from l1ml.data.generation.level1.muons import PlacedCandidates, measured_muons
from l1ml.data.generation.level1.ranking import hardest
from l1ml.data.generation.level1.trigger_parameters import MuonParameters
from l1ml.data.schema import GLOBAL_TRIGGER_SCHEMA

__all__ = ["build_full_muons", "track_finder_index"]

_SCHEMA = GLOBAL_TRIGGER_SCHEMA.object("muon")
_ETA_LSB = _SCHEMA.field("eta").scale.lsb
_PHI_WORDS = 576
_OVERLAP, _ENDCAP = 0.83, 1.24
_TRACKS = 3
"""Tracks that one processor sends."""

_GOOD, _DOUBLE, _OPEN = 12, 8, 4


def build_full_muons(
    candidates: PlacedCandidates,
    n_crossings: int,
    rng: np.random.Generator,
    extra: np.random.Generator,
    parameters: MuonParameters,
) -> dict[str, NDArray[np.int32]]:
    """Eight hardest muons of each crossing.

    Parameters
    ----------
    candidates : PlacedCandidates
        Who may be seen as a muon, with their charge.
    n_crossings : int
        Number of crossings.
    rng : numpy.random.Generator
        Used as `l1ml.data.generation.level1.muons.build_muons` uses it: the same pt, eta and phi words come out.
    extra : numpy.random.Generator
        Decides charge and quality.
    parameters : MuonParameters
        Their limits and probabilities.

    Returns
    -------
    dict of ndarray of int32, shape (n_crossings, 8)
        A column for each field of the muons of `GLOBAL_TRIGGER_SCHEMA`.
    """
    muons, words, pt = measured_muons(candidates, rng, parameters)
    wrong = extra.random(len(pt)) < parameters.charge_error
    codes = {
        # 1 is negative
        "hw_charge": ((muons.charge < 0) ^ wrong).astype(np.int64),
        "hw_charge_valid": np.ones(len(pt), np.int64),
        "hw_quality": _quality(pt, extra, parameters),
        "hw_isolation": np.full(len(pt), parameters.isolation),
    }
    slots = hardest(muons.crossing, words | codes, n_crossings, _SCHEMA.n_slots)
    return slots | {"hw_index": track_finder_index(slots)}


def _quality(pt: NDArray[np.float64], rng: np.random.Generator, parameters: MuonParameters) -> NDArray[np.int64]:
    """Quality code: more stations are hit the harder the muon."""
    harder = (pt - parameters.least_endcap_pt) / parameters.soft_scale_gev
    best = parameters.best_quality - parameters.soft_loss * np.exp(-harder)
    draw = rng.random(len(pt))
    return np.where(draw < best, _GOOD, np.where(draw < best + (1 - best) * parameters.double_share, _DOUBLE, _OPEN))


def track_finder_index(slots: dict[str, NDArray[np.int32]]) -> NDArray[np.int32]:
    """Number of the track, 0 to 107, that each muon of `slots` was; 0 in empty slots.

    Three for each processor: endcap and overlap (6 sectors of 60 degrees from 15 degrees on, 0-17 and 18-35 at positive eta,
    90-107 and 72-89 at negative), barrel (12 wedges centred on multiples of 30 degrees, 36-71). The tracks of one processor are
    numbered by falling pt.
    """
    eta = slots["hw_eta"] * _ETA_LSB
    phi = slots["hw_phi"] * (2 * pi / _PHI_WORDS)
    sector = (np.floor((phi - pi / 12) / (pi / 3)).astype(np.int64)) % 6
    wedge = (np.floor((phi + pi / 12) / (pi / 6)).astype(np.int64)) % 12
    endcap, barrel = np.abs(eta) >= _ENDCAP, np.abs(eta) < _OVERLAP
    first = np.where(eta > 0, np.where(endcap, 0, 18), np.where(endcap, 90, 72))
    processor = np.where(barrel, 36 + _TRACKS * wedge, first + _TRACKS * sector)
    valid = slots["hw_pt"] > 0
    rank = np.zeros_like(processor)
    for slot in range(1, processor.shape[1]):
        same = (processor[:, :slot] == processor[:, [slot]]) & valid[:, :slot]
        rank[:, slot] = np.minimum(same.sum(axis=1), _TRACKS - 1)
    return np.where(valid, processor + rank, 0).astype(np.int32)
