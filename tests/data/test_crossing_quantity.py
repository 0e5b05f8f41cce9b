from __future__ import annotations

import numpy as np
import pytest

from l1ml.data import Events
from l1ml.data.crossing_quantity import CrossingQuantity
from l1ml.errors import ConfigError, DataError, SchemaError


def test_a_property_of_an_object(events: Events) -> None:
    schema, words = events.schema.object("jet"), events.collections["jet"]
    values = CrossingQuantity.parse("jet[7].eta").of(events)
    there = words["hw_pt"][:, 7] > 0
    np.testing.assert_array_equal(values[there], schema.field("eta").scale.to_physical(words["hw_eta"][there, 7]))
    assert np.isneginf(values[~there]).all()
    assert (~there).any()
    np.testing.assert_array_equal(CrossingQuantity.parse("met.pt").of(events), CrossingQuantity.parse("met[0].pt").of(events))


def test_the_mass_is_that_of_the_four_vectors(events: Events) -> None:
    values = CrossingQuantity.parse("mass(jet[0], muon[1])").of(events)
    vectors = []
    for text in ("jet[0]", "muon[1]"):
        pt, eta, phi = (CrossingQuantity.parse(f"{text}.{name}").of(events) for name in ("pt", "eta", "phi"))
        there = np.isfinite(pt)
        pt, eta, phi = (np.where(there, item, 0) for item in (pt, eta, phi))
        vectors.append(np.stack([pt * np.cosh(eta), pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)]))
        values = np.where(there, values, np.nan)
    total = np.sum(vectors, axis=0)
    there = np.isfinite(values)
    assert there.any()
    assert values[there] ** 2 == pytest.approx((total[0] ** 2 - (total[1:] ** 2).sum(axis=0))[there], rel=1e-6, abs=1e-3)


@pytest.mark.parametrize("text", ["jet", "jet[0]", "mass(jet[0])", "mass(jet, jet[0])", "pt.jet[0]", "jet[-1].pt"])
def test_texts_that_name_nothing(text: str) -> None:
    with pytest.raises(ConfigError, match="is no quantity"):
        CrossingQuantity.parse(text)


def test_what_the_events_lack_is_said(events: Events) -> None:
    with pytest.raises(DataError, match="10 slots"):
        CrossingQuantity.parse("jet[10].pt").of(events)
    with pytest.raises(SchemaError, match="no field 'mass'"):
        CrossingQuantity.parse("jet[0].mass").of(events)
    with pytest.raises(SchemaError, match="no object 'photon'"):
        CrossingQuantity.parse("photon[0].pt").of(events)
