from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tagger_toy import real_jets

from l1ml.data import EventSchema, Field, ObjectSchema
from l1ml.data.jet_words import JET_FEATURES_SCHEMA, classes_of, jet_words
from l1ml.data.readers.jet_arrays import HLF_NAMES
from l1ml.errors import SchemaError
from l1ml.hardware import HardwareScale

PAIR = (Field("pt", HardwareScale(0.25, 12)), Field("eta_rel", HardwareScale(0.01, 8, signed=True)))
CONSTITUENTS = EventSchema("pairs", 1, (ObjectSchema("constituent", 2, PAIR),))


def test_words_are_the_nearest_counts_and_saturate(rng: np.random.Generator) -> None:
    jets = real_jets(40, rng)
    jets.collections["jet"]["multiplicity"][0, 0] = 1e6
    words = jet_words(jets, JET_FEATURES_SCHEMA)
    words.validate()
    assert words.features().shape == (40, 16)
    for index, name in enumerate(HLF_NAMES):
        scale = JET_FEATURES_SCHEMA.feature_scales[index]
        real = jets.collections["jet"][name][:, 0].astype(np.float64)
        expected = np.clip(np.rint(real / scale.lsb) + scale.offset, -512, 511)
        np.testing.assert_array_equal(words.features()[:, index], expected)
    assert words.features()[0, HLF_NAMES.index("multiplicity")] == 511


def test_a_jet_keeps_its_class_weight_and_collision(rng: np.random.Generator) -> None:
    jets = real_jets(40, rng)
    words = jet_words(jets, JET_FEATURES_SCHEMA)
    np.testing.assert_array_equal(classes_of(words), jets.crossing["process"])
    np.testing.assert_array_equal(words.group, jets.group)
    assert words.processes == jets.processes
    with pytest.raises(SchemaError, match="have no classes"):
        classes_of(replace(words, crossing={}))


def test_empty_slots_are_zero_and_the_leading_ones_are_taken(rng: np.random.Generator) -> None:
    jets = real_jets(3, rng)
    jets.masks["constituent"][:, :3] = [[True, True, True], [True, False, False], [False, False, False]]
    for column, value in (("pt", 10.0), ("eta_rel", -0.1)):
        jets.collections["constituent"][column][:] = value
    words = jet_words(jets, CONSTITUENTS)
    assert words.features().tolist() == [[40, -10, 40, -10], [40, -10, 0, 0], [0, 0, 0, 0]]
    assert words.valid("constituent").tolist() == [[True, True], [True, False], [False, False]]


def test_what_the_jets_lack_is_named(rng: np.random.Generator) -> None:
    jets = real_jets(3, rng)
    schema = EventSchema("more", 1, (ObjectSchema("jet", 1, (Field("charge", HardwareScale(1.0, 2)),)),))
    with pytest.raises(SchemaError, match="more needs 1 jet slots with charge; the jets have 1 jet slots with pt, eta"):
        jet_words(jets, schema)
    schema = EventSchema("wide", 1, (ObjectSchema("constituent", 65, (Field("pt", HardwareScale(1.0, 9)),)),))
    with pytest.raises(SchemaError, match="wide needs 65 constituent slots with these; the jets have 64"):
        jet_words(jets, schema)
