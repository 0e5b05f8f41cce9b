from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from toy import toy_events

from l1ml.data import LEVEL1_SCHEMA, Events, EventSchema
from l1ml.errors import DataError, SchemaError


def test_features_are_the_57_words_in_schema_order(events: Events) -> None:
    words = events.features()
    assert words.shape == (events.n, 57)
    names = LEVEL1_SCHEMA.features
    np.testing.assert_array_equal(words[:, names.index("jet_3_eta")], events.collections["jet"]["hw_eta"][:, 3])
    np.testing.assert_array_equal(words[:, names.index("met_0_phi")], events.collections["met"]["hw_phi"][:, 0])


def test_features_of_some_rows_lie_feature_by_feature(rng: np.random.Generator) -> None:
    events = toy_events(5000, rng)
    words = events.feature_rows(slice(100, 4900), np.float32)
    assert words.flags.f_contiguous
    assert events.features().flags.c_contiguous
    np.testing.assert_array_equal(words, events.features()[100:4900])
    for item in events.schema.objects:
        for entry in item.fields:
            first = events.schema.features.index(f"{item.name}_0_{entry.name}")
            slots = words[:, first : first + item.n_slots * len(item.fields) : len(item.fields)]
            np.testing.assert_array_equal(slots, events.collections[item.name][entry.column][100:4900])


def test_select_and_concatenate_are_inverse(events: Events) -> None:
    halves = [events.select(slice(0, 7)), events.select(slice(7, None))]
    np.testing.assert_array_equal(Events.concatenate(halves).features(), events.features())


def test_missing_objects_are_not_valid(events: Events) -> None:
    empty = events.collections["muon"]["hw_pt"] == 0
    np.testing.assert_array_equal(events.valid("muon"), ~empty)
    assert empty.any()


def test_a_word_outside_its_width_is_named(events: Events) -> None:
    events.collections["egamma"]["hw_eta"][4, 2] = 128
    with pytest.raises(DataError, match=r"egamma/hw_eta holds 128 at row 4, slot 2: outside -128\.\.127"):
        events.validate()


def test_nan_weight_is_named(events: Events) -> None:
    events.weight[3] = np.nan
    with pytest.raises(DataError, match="weight is NaN or infinite at row 3"):
        events.validate()


def test_a_missing_collection_is_named(events: Events) -> None:
    collections = {name: columns for name, columns in events.collections.items() if name != "jet"}
    with pytest.raises(SchemaError, match="lack the collection 'jet'"):
        replace(events, collections=collections)


def test_wrong_shape_is_named(events: Events) -> None:
    with pytest.raises(DataError, match=r"event has the shape \(3,\)"):
        replace(events, event=np.arange(3, dtype=np.uint64))


def test_empty_has_all_columns() -> None:
    assert Events.empty(LEVEL1_SCHEMA).features().shape == (0, 57)
    with pytest.raises(DataError, match="no events"):
        Events.concatenate([])


def test_schema_survives_json_and_its_digest_sees_every_bit() -> None:
    assert EventSchema.from_json(LEVEL1_SCHEMA.to_json()).digest == LEVEL1_SCHEMA.digest
    other = replace(LEVEL1_SCHEMA, version=2)
    assert other.digest != LEVEL1_SCHEMA.digest
    with pytest.raises(SchemaError, match="not an event schema"):
        EventSchema.from_json("{}")
