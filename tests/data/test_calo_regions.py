from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.data import LEVEL1_SCHEMA, Events, EventSchema, EventWriter, read_events
from l1ml.data.calo_regions import CALO_SCHEMA, REGION_SCHEMA, region_image, region_slot
from l1ml.errors import DataError, SchemaError


@given(st.integers(0, 17), st.integers(0, 13))
def test_slot_and_image(phi: int, eta: int) -> None:
    words = np.zeros((2, 252), np.int32)
    words[1, region_slot(phi, eta)] = 5
    image = region_image(words)
    assert image.shape == (2, 18, 14)
    assert np.argwhere(image).tolist() == [[1, phi, eta]]


def test_an_image_has_252_regions() -> None:
    with pytest.raises(DataError, match="252 regions"):
        region_image(np.zeros((2, 251)))


def test_a_network_reads_the_regions_alone_and_they_are_those_of_files_of_regions() -> None:
    assert CALO_SCHEMA.features == REGION_SCHEMA.features
    assert CALO_SCHEMA.feature_scales == REGION_SCHEMA.feature_scales
    assert EventSchema.from_json(CALO_SCHEMA.to_json()) == CALO_SCHEMA
    assert CALO_SCHEMA.objects[:4] == LEVEL1_SCHEMA.objects
    assert len({CALO_SCHEMA.digest, REGION_SCHEMA.digest, replace(CALO_SCHEMA, inputs=()).digest}) == 3


def test_words_of_a_file(tmp_path: Path, rng: np.random.Generator) -> None:
    columns = {
        item.name: {entry.column: rng.integers(0, 2, (7, item.n_slots), np.int32) for entry in item.fields}
        for item in CALO_SCHEMA.objects
    }
    number = np.arange(7, dtype=np.uint64)
    events = Events(CALO_SCHEMA, columns, np.ones(7), number, number)
    np.testing.assert_array_equal(events.features(), columns["region"]["hw_et"])
    path = tmp_path / "regions.h5"
    with EventWriter(path, CALO_SCHEMA, process="zero_bias", provenance={}) as writer:
        writer.append(events)
    again = read_events(path, CALO_SCHEMA)
    np.testing.assert_array_equal(again.features(), events.features())
    np.testing.assert_array_equal(again.collections["jet"]["hw_pt"], columns["jet"]["hw_pt"])


@pytest.mark.parametrize("grid", [(18,), (17, 14)])
def test_a_grid_has_all_slots(grid: tuple[int, ...]) -> None:
    with pytest.raises(SchemaError, match="252 slots, received a grid of 1"):
        replace(REGION_SCHEMA.objects[0], grid=grid)


def test_inputs_are_objects_of_the_schema() -> None:
    with pytest.raises(SchemaError, match="no object 'tower'"):
        replace(CALO_SCHEMA, inputs=("tower",))
