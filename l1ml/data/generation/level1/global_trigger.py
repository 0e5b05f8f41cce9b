"""Everything that the Global Trigger receives of one piece of crossings, from the towers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.generation.level1.egamma import egamma_candidates
from l1ml.data.generation.level1.energy_sums import build_jet_sums, build_tower_sums
from l1ml.data.generation.level1.isolation import energy_around, is_isolated
from l1ml.data.generation.level1.jets import jet_candidates
from l1ml.data.generation.level1.missing_energy import filled_towers
from l1ml.data.generation.level1.neighbourhood import Seeds, window_offsets
from l1ml.data.generation.level1.ranking import hardest
from l1ml.data.generation.level1.taus import TAU_FOOTPRINT, tau_candidates
from l1ml.data.generation.level1.trigger_parameters import TRIGGER_PARAMETERS, TriggerParameters
from l1ml.data.schema import GLOBAL_TRIGGER_SCHEMA, LEVEL1_SCHEMA

__all__ = ["build_calorimeter_objects", "level1_words"]

_EGAMMA_FOOTPRINT = window_offsets(range(-1, 2), range(-1, 2))
_SLOTS = {item.name: item.n_slots for item in GLOBAL_TRIGGER_SCHEMA.objects}

Words = dict[str, NDArray[np.int32]]


def build_calorimeter_objects(
    ecal: NDArray[np.int32],
    hcal: NDArray[np.int32],
    towers: NDArray[np.int32],
    parameters: TriggerParameters = TRIGGER_PARAMETERS,
) -> dict[str, Words]:
    """All objects of `GLOBAL_TRIGGER_SCHEMA` but the muons.

    Parameters
    ----------
    ecal, hcal, towers : ndarray of int32, shape (n_crossings, 114, 72)
        Counts of 0.5 GeV of each layer and of both.
    parameters : TriggerParameters
        Thresholds and working points.
    """
    filled = filled_towers(towers)
    jets, jet_words = jet_candidates(towers, parameters.jet_calibration)
    return {
        "egamma": _egamma(ecal, hcal, jets.padded, filled, parameters),
        "tau": _taus(towers, filled, parameters),
        "jet": hardest(jets.crossing, jet_words, len(towers), _SLOTS["jet"]),
        **build_tower_sums(ecal, towers, filled),
        **build_jet_sums(jets, jet_words, len(towers), parameters.sums),
    }


def _egamma(
    ecal: NDArray[np.int32],
    hcal: NDArray[np.int32],
    padded: NDArray[np.int32],
    filled: NDArray[np.int64],
    parameters: TriggerParameters,
) -> Words:
    """Twelve hardest e/gamma with two isolation bits; `padded` are both layers."""
    found, words = egamma_candidates(ecal, hcal)
    slots, row, valid = _ranked(found, words, len(ecal), _SLOTS["egamma"])
    seeds = Seeds(found.crossing[row], found.ring[row], found.sector[row], padded)
    around, pt, pileup = energy_around(seeds, _EGAMMA_FOOTPRINT), words["hw_pt"][row], filled[seeds.crossing]
    loose = is_isolated(around, pt, pileup, parameters.egamma_loose)
    tight = is_isolated(around, pt, pileup, parameters.egamma_tight) & loose
    return slots | {"hw_isolation": _placed(tight + 2 * loose, valid)}


def _taus(towers: NDArray[np.int32], filled: NDArray[np.int64], parameters: TriggerParameters) -> Words:
    """Twelve hardest taus with one isolation bit."""
    found, words, second = tau_candidates(towers, parameters.tau)
    slots, row, valid = _ranked(found, words, len(towers), _SLOTS["tau"])
    seeds = Seeds(found.crossing[row], found.ring[row], found.sector[row], found.padded)
    around = energy_around(seeds, TAU_FOOTPRINT) - second[row]
    isolated = is_isolated(around, words["hw_pt"][row], filled[seeds.crossing], parameters.tau.isolation)
    return slots | {"hw_isolation": _placed(isolated.astype(np.int64), valid)}


def _ranked(
    found: Seeds, words: dict[str, NDArray[np.int64]], n_crossings: int, n_slots: int
) -> tuple[Words, NDArray[np.int64], NDArray[np.bool_]]:
    """The hardest in their slots, which row of `found` each of them is, and which slots hold one."""
    slots = hardest(found.crossing, words | {"row": np.arange(len(found.crossing))}, n_crossings, n_slots)
    row = slots.pop("row")
    valid = slots["hw_pt"] > 0
    return slots, row[valid].astype(np.int64), valid


def _placed(values: NDArray[np.int64], valid: NDArray[np.bool_]) -> NDArray[np.int32]:
    """`values` of the objects in their slots."""
    column = np.zeros(valid.shape, np.int32)
    column[valid] = values
    return column


def level1_words(events: Events) -> Events:
    """The crossings of `events`, of `GLOBAL_TRIGGER_SCHEMA`, with the words of `LEVEL1_SCHEMA` alone.

    They are those that the same configuration gives when it makes nothing else.
    """
    names = {"met": "etmhf"}
    collections: dict[str, dict[str, NDArray[np.int32]]] = {}
    for item in LEVEL1_SCHEMA.objects:
        columns = events.collections[names.get(item.name, item.name)]
        shape = (events.n, item.n_slots)
        collections[item.name] = {
            # the eta of missing energy is the one word that the Global Trigger does not receive: always 0
            entry.column: columns[entry.column][:, : item.n_slots] if entry.column in columns else np.zeros(shape, np.int32)
            for entry in item.fields
        }
    return replace(events, schema=LEVEL1_SCHEMA, collections=collections, masks={})
