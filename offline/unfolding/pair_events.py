"""Event files of gen/reco pairs as what an unfolding starts from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from l1ml.data.events import Events
from l1ml.errors import SchemaError, nearest
from offline.unfolding.sample import FloatArray, Measured, Simulation

__all__ = ["ZJET_QUANTITIES", "measured_from_events", "simulation_from_events"]

ZJET_QUANTITIES = ("pt", "rapidity", "mass", "multiplicity", "width", "ptd")
"""Six dimensions of the leading jet of Z + jet."""

_GEN, _RECO = "gen_jet", "reco_jet"


def simulation_from_events(
    events: Events, quantities: Sequence[str] = ZJET_QUANTITIES, *, gen: str = _GEN, reco: str = _RECO
) -> Simulation:
    """Pairs of the first object of the collections `gen` and `reco` of `events`.

    ``rapidity`` follows from pt, eta and mass where a collection has no such quantity: sinh(y) = sinh(eta) pt / m_T.

    Raises
    ------
    SchemaError
        If a collection or a quantity is missing.
    DataError
        As `Simulation`.
    """
    return Simulation(
        gen=_columns(events, gen, quantities),
        reco=_columns(events, reco, quantities),
        weight=events.weight.astype(np.float64),
        pass_gen=events.valid(gen)[:, 0],
        pass_reco=events.valid(reco)[:, 0],
        event=events.group,
        gen_names=tuple(quantities),
        reco_names=tuple(quantities),
    )


def measured_from_events(events: Events, quantities: Sequence[str] = ZJET_QUANTITIES, *, reco: str = _RECO) -> Measured:
    """Those of `events` that have an object in `reco`, as measured data; errors as for `simulation_from_events`."""
    seen = events.valid(reco)[:, 0]
    columns = _columns(events, reco, quantities)[seen]
    return Measured(columns, events.weight[seen].astype(np.float64), events.group[seen], tuple(quantities))


def _columns(events: Events, collection: str, quantities: Sequence[str]) -> FloatArray:
    """Quantities of the first object, shape (n, number of quantities)."""
    if collection not in events.collections:
        msg = f"events have no collection {collection!r}; {nearest(collection, events.collections)}"
        raise SchemaError(msg)
    return np.stack([_column(events, collection, name) for name in quantities], axis=1)


def _column(events: Events, collection: str, name: str) -> FloatArray:
    """One quantity of the first object, shape (n,)."""
    columns = {key: values[:, 0].astype(np.float64) for key, values in events.collections[collection].items()}
    if name in columns:
        return columns[name]
    if name == "rapidity" and {"pt", "eta", "mass"} <= columns.keys():
        pt, eta, mass = columns["pt"], columns["eta"], columns["mass"]
        transverse_mass = np.hypot(pt, mass)
        stretch = np.divide(pt, transverse_mass, out=np.ones_like(pt), where=transverse_mass > 0)
        return np.asarray(np.arcsinh(np.sinh(eta) * stretch))
    msg = f"unknown quantity {name!r} of {collection}; {nearest(name, [*columns, 'rapidity'])}"
    raise SchemaError(msg)
