from __future__ import annotations

from math import pi
from pathlib import Path

import numpy as np
import pytest

from l1ml.data import Events, EventSchema
from l1ml.data.constituent_words import constituents_schema, hardest_first
from l1ml.data.jet_words import jet_words
from l1ml.data.readers.jet_arrays import JETID_CLASSES, JETID_NAMES
from l1ml.data.readers.jet_constituents import iterate_jet_constituents
from l1ml.data.schema import ObjectSchema, RealField
from l1ml.errors import ConfigError, SchemaError

REAL = EventSchema("jets", 1, (ObjectSchema("constituent", 3, (), tuple(RealField(name) for name in JETID_NAMES)),))


def jets(pt: list[list[float]], eta_rel: list[list[float]]) -> Events:
    columns = [np.array(values, np.float32) for values in (pt, eta_rel)]
    n = len(pt)
    named = dict(zip(JETID_NAMES, [*columns, np.zeros((n, 3), np.float32)], strict=True))
    masks = {"constituent": columns[0] > 0}
    return Events(REAL, {"constituent": named}, np.ones(n), np.arange(n), np.arange(n, dtype=np.uint64), masks=masks)


def test_the_hardest_come_first_and_empty_slots_last() -> None:
    given = jets([[1.0, 0.0, 7.0], [2.0, 2.0, 3.0]], [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    moved = hardest_first(given)
    assert moved.collections["constituent"]["pt"].tolist() == [[7.0, 1.0, 0.0], [3.0, 2.0, 2.0]]
    np.testing.assert_array_equal(moved.collections["constituent"]["eta_rel"], np.float32([[0.3, 0.1, 0.2], [0.6, 0.4, 0.5]]))
    assert moved.valid("constituent").tolist() == [[True, True, False], [True, True, True]]


def test_words_are_rounded_to_nearest_and_saturate() -> None:
    words = jet_words(jets([[5000.0, 1.13, 0.0]], [[-3.0, 10 * pi / 720, 0.2]]), constituents_schema(3)).features()
    assert words.tolist() == [[4095, -128, 0, 5, 10, 0, 0, 0, 0]]


def test_fewer_slots_than_the_jets_have_are_the_leading_ones() -> None:
    given = jets([[1.0, 0.0, 7.0]], [[0.0, 0.0, 0.0]])
    assert jet_words(given, constituents_schema(1)).features().tolist() == [[28, 0, 0]]
    with pytest.raises(SchemaError, match="needs 4 constituent slots"):
        jet_words(given, constituents_schema(4))


def test_no_slots_are_refused() -> None:
    with pytest.raises(ConfigError, match="slots must be at least 1, received 0"):
        constituents_schema(0)


def test_public_jets_of_1_tev(real_data: Path) -> None:
    folder = real_data / "l1-jetid-constituents"
    paths = folder / "x_test_16const_0000_1999.npy", folder / "y_test_8const_0000_1999.npy"
    (given,) = iterate_jet_constituents(paths[0], names=JETID_NAMES, classes=JETID_CLASSES, labels=str(paths[1]))
    assert len(given) == 2000
    words = jet_words(given, constituents_schema(16)).features().reshape(2000, 16, 3)
    assert (np.diff(words[..., 0], axis=1) <= 0).all()
    assert not words[~hardest_first(given).valid("constituent")].any()
    # what the words cannot hold: one constituent in a thousand is harder than 1,023.75 GeV or further out than 0.56
    saturated = np.isin(words, [4095]) | np.isin(words, [-128, 127])
    assert saturated.mean() < 0.002
