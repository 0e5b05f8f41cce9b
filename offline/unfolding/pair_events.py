"""Event files of gen/reco pairs as what an unfolding starts from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from l1ml.data.events import Events
from l1ml.errors import DataError
from offline.unfolding.event_objects import ObjectQuantities, check_collection, quantity_of
from offline.unfolding.sample import BoolArray, FloatArray, Measured, Simulation
from offline.unfolding.selection import EVERYTHING, Bounds, Selection, inside

__all__ = ["ZJET_QUANTITIES", "measured_from_events", "simulation_from_events"]

ZJET_QUANTITIES = ("pt", "rapidity", "mass", "multiplicity", "width", "ptd")
"""Six dimensions of the leading jet of Z + jet."""

_GEN, _RECO = "gen_jet", "reco_jet"


def simulation_from_events(
    events: Events,
    quantities: Sequence[str] = ZJET_QUANTITIES,
    *,
    reco_quantities: Sequence[str] | None = None,
    selection: Selection = EVERYTHING,
    gen: str = _GEN,
    reco: str = _RECO,
    reco_events: Events | None = None,
    objects: ObjectQuantities | None = None,
) -> Simulation:
    """Pairs of the first object of the collections `gen` and `reco`, and sets of all `objects` beside them.

    ``rapidity`` follows from pt, eta and mass where a collection has no such quantity: sinh(y) = sinh(eta) pt / m_T.

    Parameters
    ----------
    events : Events
        Events with both collections, or with `gen` alone.
    quantities, reco_quantities : sequence of str
        Quantities at generation and at reconstruction; the same ones without a word about the second.
    selection : Selection
        Bounds on any quantities of the two collections.
    gen, reco : str
        Collections.
    reco_events : Events, optional
        The same events, row by row, with `reco`, where it is not in `events`.
    objects : ObjectQuantities, optional
        Of which collections all objects count; an event that passes may have none of them.

    Raises
    ------
    SchemaError
        If a collection or a quantity is missing.
    DataError
        If `reco_events` are not those of `events`, and as `Simulation`.
    """
    seen = events if reco_events is None else reco_events
    _check_pairs(events, seen)
    reco_names = quantities if reco_quantities is None else reco_quantities
    return Simulation(
        gen=_columns(events, gen, quantities),
        reco=_columns(seen, reco, reco_names),
        weight=events.weight.astype(np.float64),
        pass_gen=_passes(events, gen, selection.gen),
        pass_reco=_passes(seen, reco, selection.reco),
        event=events.group,
        gen_names=tuple(quantities),
        reco_names=tuple(reco_names),
        gen_objects=None if objects is None else objects.gen_objects(events),
        reco_objects=None if objects is None else objects.reco_objects(seen),
    )


def measured_from_events(
    events: Events,
    quantities: Sequence[str] = ZJET_QUANTITIES,
    *,
    selection: Selection = EVERYTHING,
    reco: str = _RECO,
    objects: ObjectQuantities | None = None,
) -> Measured:
    """Those of `events` that have an object in `reco` within the selection; errors as for `simulation_from_events`."""
    passes = _passes(events, reco, selection.reco)
    columns, weight = _columns(events, reco, quantities)[passes], events.weight[passes].astype(np.float64)
    sets = None if objects is None else objects.reco_objects(events).select(passes)
    return Measured(columns, weight, events.group[passes], tuple(quantities), sets)


def _check_pairs(gen: Events, reco: Events) -> None:
    """Refuse events at the two levels that are not the same ones in the same order."""
    if gen.n != reco.n:
        msg = f"mismatched pairs: {gen.n} events at generation and {reco.n} at reconstruction; row by row they must be the same"
        raise DataError(msg)
    if gen.processes != reco.processes:
        msg = f"mismatched pairs: {list(gen.processes)} at generation and {list(reco.processes)} at reconstruction: two samples"
        raise DataError(msg)
    other = np.flatnonzero(gen.event != reco.event)
    if other.size:
        row = other[0]
        msg = (
            f"mismatched pairs: row {row} is event {gen.event[row]} at generation and {reco.event[row]} at reconstruction; "
            f"{other.size} of {gen.n} rows differ: they must be the same events in the same order"
        )
        raise DataError(msg)


def _passes(events: Events, collection: str, bounds: Bounds) -> BoolArray:
    """Which events have an object in `collection` within `bounds`, shape (n,)."""
    check_collection(events, collection)
    return events.valid(collection)[:, 0] & inside(bounds, partial(_column, events, collection), events.n)


def _columns(events: Events, collection: str, quantities: Sequence[str]) -> FloatArray:
    """Quantities of the first object, shape (n, number of quantities)."""
    check_collection(events, collection)
    return np.stack([_column(events, collection, name) for name in quantities], axis=1)


def _column(events: Events, collection: str, name: str) -> FloatArray:
    """One quantity of the first object, shape (n,)."""
    return quantity_of(events, collection, name)[:, 0]
