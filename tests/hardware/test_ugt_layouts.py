from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.errors import DataError, SchemaError
from l1ml.hardware.link_words import Words
from l1ml.hardware.ugt_layouts import UGT_LAYOUTS, ZDC_FRAMES, UgtLayout, ugt_layout

ERAS = list(UGT_LAYOUTS)


def random_words(layout: UgtLayout, n: int, rng: np.random.Generator) -> dict[str, Words]:
    return {
        column.name: rng.integers(0, 2**column.layout.n_bits - 1, (n, column.n_words), np.uint64, endpoint=True)
        for column in layout.columns
    }


def empty_words(layout: UgtLayout) -> dict[str, Words]:
    return {column.name: np.zeros((1, column.n_words), np.uint64) for column in layout.columns}


def test_columns_of_the_vector_file() -> None:
    assert {era: layout.n_columns for era, layout in UGT_LAYOUTS.items()} == {"2016": 48} | dict.fromkeys(ERAS[1:], 60)


@pytest.mark.parametrize("era", ERAS)
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_decode_then_encode_is_the_identity_on_any_word(era: str, seed: int) -> None:
    layout = UGT_LAYOUTS[era]
    words = random_words(layout, 5, np.random.default_rng(seed))
    spare = layout.unused(words)
    again = layout.encode(layout.decode(words), 5, spare)
    assert list(again) == list(words)
    for name in words:
        np.testing.assert_array_equal(again[name], words[name])
    clean = {name: column & ~spare[name] for name, column in words.items()}
    for name, column in layout.encode(layout.decode(clean), 5).items():
        np.testing.assert_array_equal(column, clean[name])


@pytest.mark.parametrize("era", ERAS)
def test_no_bit_belongs_to_two_objects(era: str) -> None:
    layout = UGT_LAYOUTS[era]
    total = sum(
        layout.column(part.column).layout.field(part.field).width
        * (layout.column(part.column).n_words if part.slot is None else 1)
        for item in layout.objects.values()
        for parts in item.fields.values()
        for part in parts
    )
    assert total == sum(int(np.bitwise_count(mask).sum()) for mask in layout.used.values())


def test_a_muon_word_by_hand() -> None:
    """Bits of table "Data structure of a muon object" (8 May 2024), one field at a time."""
    layout = ugt_layout("2025")
    words = empty_words(layout)
    words["muon"][0, 3] = (
        575
        | 45 << 10
        | 12 << 19
        | (-224 & 0x1FF) << 23
        | 3 << 32
        | 1 << 34
        | 1 << 35
        | 107 << 36
        | 570 << 43
        | 255 << 53
        | 2 << 62
    )
    fields = {name: int(values[0, 3]) for name, values in layout.decode(words)["muon"].items()}
    assert fields == {
        "phi": 575,
        "pt": 45,
        "quality": 12,
        "eta": -224,
        "isolation": 3,
        "charge": 1,
        "charge_valid": 1,
        "index": 107,
        "phi_out": 570,
        "unconstrained_pt": 255,
        "impact": 2,
    }


def test_quantities_that_ride_in_the_words_of_the_sums() -> None:
    layout = ugt_layout("2024")
    words = empty_words(layout)
    words["ett"][0, 0] = 0xA0_BCD_123
    words["htt"][0, 0] = 0xB << 28 | 8191 << 12 | 4095
    words["etm"][0, 0] = 0xC_7F_8F_001
    words["etmhf"][0, 0] = 0x5 << 28 | 255 << 20
    words["htmhf"][0, 0] = 0x8 << 28
    objects = {
        name: {field: values.tolist() for field, values in fields.items()} for name, fields in layout.decode(words).items()
    }
    assert objects["ett"] == {"pt": [[0x123]]}
    assert objects["ettem"] == {"pt": [[0xBCD]]}
    assert objects["mbt0hfp"] == {"count": [[0xA]]}
    assert objects["htt"] == {"pt": [[4095]]}
    assert objects["towercount"] == {"count": [[8191]]}
    assert objects["mbt0hfm"] == {"count": [[0xB]]}
    assert objects["etm"] == {"pt": [[1]], "phi": [[0x8F]]}
    assert objects["asymet"] == {"count": [[0x7F]]}
    assert objects["mbt1hfp"] == {"count": [[0xC]]}
    assert objects["asymethf"] == {"count": [[255]]}
    assert objects["cent"] == {"bits": [[0x85]]}


def test_muon_showers_sit_in_five_muon_words() -> None:
    layout = ugt_layout("2023")
    words = empty_words(layout)
    words["muon"][0] = np.uint64(1 << 61)
    assert {name: int(bits[0, 0]) for name, bits in layout.decode(words)["muon_shower"].items()} == dict.fromkeys(
        ["mus0", "mus1", "mus2", "musoot0", "musoot1"], 1
    )
    assert np.nonzero(layout.unused(words)["muon"][0])[0].tolist() == [1, 5, 7]
    assert "mus2" not in ugt_layout("2022").objects["muon_shower"].fields
    words["muon"][0] = 0
    words["muon"][0, 3] = 1 << 61
    assert [name for name, bits in layout.decode(words)["muon_shower"].items() if bits[0, 0]] == ["mus2"]


def test_cicada_is_four_bits_of_each_word() -> None:
    layout = ugt_layout("2024")
    words = empty_words(layout)
    words["link11"][0] = np.array([0x1, 0x2, 0x3, 0x4, 0x5, 0x6], np.uint64) << np.uint64(28)
    cicada = layout.decode(words)["cicada"]
    assert (int(cicada["score"][0, 0]), int(cicada["heavy_ion"][0, 0])) == (0x1234, 0x56)
    again = layout.encode({"cicada": {"score": [[0x1234]], "heavy_ion": [[0x56]]}}, 1)
    np.testing.assert_array_equal(again["link11"], words["link11"])
    assert "cicada" not in ugt_layout("2023").objects


def test_zero_degree_calorimeter_frames() -> None:
    frame, layout = ZDC_FRAMES["zdcp"]
    assert frame == 2
    assert layout.decode([0x3FF])["energy"].tolist() == [1023]
    assert layout.unused([1 << 10]).tolist() == [1 << 10]


def test_bits_that_another_year_has_are_reported() -> None:
    words = empty_words(ugt_layout("2022"))
    words["muon"][0, 0] = 3 << 62
    words["jet"][0, 0] = 1 << 27
    unused = ugt_layout("2018").unused(words)
    assert (int(unused["muon"][0, 0]), int(unused["jet"][0, 0])) == (3 << 62, 1 << 27)
    assert not any(bits.any() for bits in ugt_layout("2022").unused(words).values())


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(SchemaError, match="no Global Trigger layout for '2019'; known eras: 2016, 2018, 2022"):
        ugt_layout("2019")
    layout = ugt_layout("2016")
    with pytest.raises(SchemaError, match=r"the 2016 layout has no object 'muons'; did you mean 'muon'\?"):
        layout.encode({"muons": {"pt": [[1]]}}, 1)
    with pytest.raises(SchemaError, match="muon has no field 'unconstrained_pt' in 2016"):
        layout.encode({"muon": {"unconstrained_pt": np.zeros((1, 8), int)}}, 1)
    with pytest.raises(SchemaError, match="the 2016 layout has no words 'etmhf'"):
        layout.column("etmhf")


def test_shapes_and_ranges_are_checked() -> None:
    layout = ugt_layout("2025")
    with pytest.raises(DataError, match=r"tau/pt has the shape \(1, 8\), expected \(1, 12\)"):
        layout.encode({"tau": {"pt": np.zeros((1, 8), int)}}, 1)
    with pytest.raises(DataError, match="holds 4096"):
        layout.encode({"ett": {"pt": [[4096]]}}, 1)
    with pytest.raises(DataError, match=r"0\.\.15 \(4 bits\)"):
        layout.encode({"cicada": {"score": [[1 << 16]]}}, 1)
    with pytest.raises(DataError, match=r"0\.\.1 \(1 bits\)"):
        layout.encode({"muon_shower": {"mus0": [[2]]}}, 1)
