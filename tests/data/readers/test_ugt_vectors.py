from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from l1ml.data import Events, file_info, read_events
from l1ml.data.event_conversion import convert_events
from l1ml.data.readers import reader_of
from l1ml.data.readers.ugt_vectors import describe_ugt, iterate_ugt, ugt_schema
from l1ml.data.ugt_crossings import N_CROSSINGS, Crossings
from l1ml.data.ugt_vectors import read_vectors, write_vectors
from l1ml.errors import DataError, SchemaError
from l1ml.hardware.ugt_layouts import UGT_LAYOUTS, ugt_layout


def orbit(era: str, rng: np.random.Generator) -> Crossings:
    """An orbit with random words and bits."""
    layout = ugt_layout(era)
    words = {}
    for column in layout.columns:
        top = 2 ** min(column.layout.n_bits, 63)
        words[column.name] = rng.integers(0, top, (N_CROSSINGS, column.n_words), dtype=np.uint64)
    signals = {"externals": rng.random((N_CROSSINGS, 256)) < 0.5, "algorithms": rng.random((N_CROSSINGS, 512)) < 0.1}
    return Crossings.from_words(era, words, **signals)


@pytest.mark.parametrize("era", ["2016", "2018", "2025"])
def test_every_field_and_bit_survives_conversion(tmp_path: Path, rng: np.random.Generator, era: str) -> None:
    given, path = orbit(era, rng), tmp_path / f"menu_{era}.txt.gz"
    write_vectors(path, given)
    assert reader_of(path).name == "ugt"
    assert convert_events(path, tmp_path / "a.h5", chunk=1000) == N_CROSSINGS
    found = read_events(tmp_path / "a.h5", ugt_schema(era))
    for name, fields in given.objects.items():
        for field, values in fields.items():
            np.testing.assert_array_equal(found.collections[name][f"hw_{field}"], values, err_msg=f"{name}/{field}")
    np.testing.assert_array_equal(found.collections["algorithm"]["hw_bit"], given.algorithms)
    np.testing.assert_array_equal(found.collections["external"]["hw_bit"], given.externals)
    np.testing.assert_array_equal(found.crossing["bx"], given.bx)
    np.testing.assert_array_equal(found.event, np.arange(N_CROSSINGS))
    source = file_info(tmp_path / "a.h5")["provenance"]["converted_from"]
    assert (source["file"], source["format"], source["options"]) == (path.name, "ugt", {})


@pytest.mark.parametrize("era", list(UGT_LAYOUTS))
def test_widths_are_those_of_the_era(era: str) -> None:
    layout = ugt_layout(era)
    for name, item in layout.objects.items():
        for field, parts in item.fields.items():
            bits = [layout.column(part.column).layout.field(part.field) for part in parts]
            scale = ugt_schema(era).object(name).field(field).scale
            assert (scale.n_bits, scale.signed) == (sum(part.width for part in bits), bits[0].signed), (name, field)


def test_scales_of_the_fields() -> None:
    schema = ugt_schema("2024")
    assert schema.object("muon").field("pt").scale.to_physical(45) == 22.0
    assert schema.object("muon").field("eta").scale.lsb == 0.010875
    assert schema.object("jet").field("eta").scale.signed
    assert schema.object("cicada").field("score").scale.to_physical(256) == 1.0


def test_the_era_can_be_named(tmp_path: Path, rng: np.random.Generator) -> None:
    given, path = orbit("2018", rng), tmp_path / "vectors.txt"
    write_vectors(path, given)
    with pytest.raises(SchemaError, match="name the era"):
        list(iterate_ugt(path))
    assert len(Events.concatenate(list(iterate_ugt(path, era="2018")))) == N_CROSSINGS
    assert convert_events(path, tmp_path / "a.h5", process="data", options={"era": "2018"}) == N_CROSSINGS
    assert file_info(tmp_path / "a.h5")["processes"] == ["data"]


def test_a_truncated_file_becomes_no_file(tmp_path: Path, rng: np.random.Generator) -> None:
    path = tmp_path / "menu_2018.txt.gz"
    write_vectors(path, orbit("2018", rng))
    content = gzip.decompress(path.read_bytes())
    for share in (0.2, 0.9):
        path.write_bytes(gzip.compress(content[: int(share * len(content))], 1))
        with pytest.raises(DataError):
            convert_events(path, tmp_path / "a.h5", chunk=500)
        path.write_bytes(path.read_bytes()[:-1000])
        with pytest.raises(DataError):
            convert_events(path, tmp_path / "a.h5", chunk=500)
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_a_real_file(real_data: Path) -> None:
    path = real_data / "ugt" / "L1Menu_Collisions2024_v1_3_0-d1" / "L1menu_2024_v1_3_0_data_TestVector_000.txt.gz"
    found, given = Events.concatenate(list(iterate_ugt(path))), read_vectors(path)
    found.validate()
    np.testing.assert_array_equal(found.collections["jet"]["hw_pt"], given.objects["jet"]["pt"])
    assert describe_ugt(path)["era"] == "2024"
