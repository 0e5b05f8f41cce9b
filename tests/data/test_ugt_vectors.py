from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from l1ml.data.ugt_vectors import N_CROSSINGS, Crossings, era_of, iterate_vectors, read_vectors, write_vectors
from l1ml.errors import DataError, SchemaError
from l1ml.hardware.ugt_layouts import UGT_LAYOUTS

ERAS = list(UGT_LAYOUTS)


def synthetic(era: str, n: int, rng: np.random.Generator) -> Crossings:
    """Crossings with every bit of every word at random, those without a meaning too."""
    words = {
        column.name: rng.integers(0, 2**column.layout.n_bits - 1, (n, column.n_words), np.uint64, endpoint=True)
        for column in UGT_LAYOUTS[era].columns
    }
    bits = rng.random((n, 769)) < 0.5
    return Crossings.from_words(era, words, externals=bits[:, :256], algorithms=bits[:, 256:768], final_or=bits[:, 768])


def assert_same(left: Crossings, right: Crossings) -> None:
    assert left.era == right.era
    for name in ("bx", "externals", "algorithms", "final_or"):
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name))
    for name in left.words:
        np.testing.assert_array_equal(left.words[name], right.words[name])
    for name, fields in left.objects.items():
        for field, values in fields.items():
            np.testing.assert_array_equal(values, right.objects[name][field], err_msg=f"{name}/{field}")


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("suffix", [".txt", ".txt.gz"])
def test_what_is_written_is_read(era: str, suffix: str, tmp_path: Path, rng: np.random.Generator) -> None:
    crossings = synthetic(era, 50, rng)
    path = tmp_path / f"orbit_{era}{suffix}"
    write_vectors(path, crossings)
    assert_same(read_vectors(path, whole_orbits=False), crossings)
    second = tmp_path / f"again_{era}{suffix}"
    write_vectors(second, read_vectors(path, whole_orbits=False))
    assert second.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("suffix", [".txt", ".txt.gz"])
@pytest.mark.parametrize(("start", "stop"), [(0, 17), (20, 41), (30, None), (49, 50)])
def test_a_range_of_lines(suffix: str, start: int, stop: int | None, tmp_path: Path, rng: np.random.Generator) -> None:
    crossings = synthetic("2024", 50, rng)
    path = tmp_path / f"orbit_2024{suffix}"
    write_vectors(path, crossings)
    parts = list(iterate_vectors(path, 8, whole_orbits=False, start=start, stop=stop))
    assert all(part.n == 8 for part in parts[:-1])
    expected = list(range(50))[start:stop]
    assert np.concatenate([part.bx for part in parts]).tolist() == expected


def test_a_range_names_its_lines(tmp_path: Path, rng: np.random.Generator) -> None:
    path = tmp_path / "orbit_2024.txt"
    write_vectors(path, synthetic("2024", 20, rng))
    with pytest.raises(DataError, match="holds no crossings from line 21 on"):
        list(iterate_vectors(path, whole_orbits=False, start=20))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:12], lines[12].replace(b" ", b"_", 1), *lines[13:]]))
    with pytest.raises(DataError, match="line 13"):
        list(iterate_vectors(path, whole_orbits=False, start=10))


def test_a_line_written_by_hand(tmp_path: Path) -> None:
    muons = ["00000008011eb40a", *["0000000000000000"] * 7]
    egamma = ["02020a3c", *["00000000"] * 11]
    sums = ["f00007ff", "10005001", "00000000", "00000000", "00000000", "00000000"]
    columns = ["0000", *muons, *egamma, *["00000000"] * 24, *sums, *["00000000"] * 6, "0" * 62 + "81", "8" + "0" * 126 + "1", "1"]
    path = tmp_path / "hand.txt"
    path.write_text(" ".join(columns) + "\n")
    crossings = read_vectors(path, era="2025", whole_orbits=False)
    muon = {name: int(values[0, 0]) for name, values in crossings.objects["muon"].items()}
    assert (muon["phi"], muon["pt"], muon["quality"], muon["eta"]) == (10, 0x1EB4 >> 2 & 0x1FF, 0x1E >> 3 & 15, 2)
    assert (muon["charge"], muon["charge_valid"]) == (0, 1)
    assert {name: int(values[0, 0]) for name, values in crossings.objects["egamma"].items()} == {
        "pt": 0x3C,
        "eta": 5,
        "phi": 1,
        "isolation": 1,
    }
    assert crossings.objects["ett"]["pt"].tolist() == [[2047]]
    assert crossings.objects["mbt0hfp"]["count"].tolist() == [[15]]
    assert crossings.objects["towercount"]["count"].tolist() == [[5]]
    assert np.nonzero(crossings.externals[0])[0].tolist() == [0, 7]
    assert np.nonzero(crossings.algorithms[0])[0].tolist() == [0, 511]
    assert crossings.final_or.tolist() == [True]


def test_an_orbit_made_from_objects(tmp_path: Path) -> None:
    pt = np.zeros((N_CROSSINGS, 8), np.int64)
    pt[7, 2] = 45
    orbit = Crossings.from_objects("2024", {"muon": {"pt": pt}}, N_CROSSINGS)
    path = tmp_path / "L1Menu_Collisions2024_toy.txt"
    write_vectors(path, orbit)
    assert_same(read_vectors(path), orbit)
    assert len(read_vectors(path).select(slice(0, 10))) == 10
    write_vectors(path, [orbit, orbit])
    assert len(read_vectors(path)) == 2 * N_CROSSINGS


@pytest.mark.parametrize("chunk", [1, 1000, N_CROSSINGS, 10**6])
def test_chunks_join_to_the_file(chunk: int, tmp_path: Path, rng: np.random.Generator) -> None:
    crossings = synthetic("2023", N_CROSSINGS if chunk > 1 else 20, rng)
    path = tmp_path / "v2023.txt"
    write_vectors(path, crossings)
    parts = list(iterate_vectors(path, chunk, whole_orbits=False))
    assert [part.n for part in parts][:-1] == [chunk] * (len(parts) - 1)
    assert_same(Crossings.concatenate(parts), crossings)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    orbit = Crossings.from_objects("2025", {"ett": {"pt": np.ones((N_CROSSINGS, 1), int)}}, N_CROSSINGS)

    def peak(n_orbits: int) -> int:
        path = tmp_path / f"{n_orbits}_2025.txt"
        write_vectors(path, (orbit for _ in range(n_orbits)))
        tracemalloc.start()
        n = sum(part.n for part in iterate_vectors(path, 500))
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert n == n_orbits * N_CROSSINGS
        return used

    assert peak(4) < 1.1 * peak(1) + 1e5


def test_the_era_is_read_from_the_name(tmp_path: Path) -> None:
    assert era_of(Path("TestVector_L1Menu_Collisions2022_v1_4_0_data.txt.gz")) == "2022"
    assert era_of(Path("L1Menu_CollisionsHeavyIons2024_v1_0_6-d1") / "vectors.txt") == "2024"
    assert era_of(Path("L1Menu_Collisions2017_v4.txt")) == "2018"
    with pytest.raises(SchemaError, match="does not say which year's layout it has; name the era: 2016"):
        era_of(Path("/somewhere/TestVector_2031.txt"))


def spoilt(path: Path, row: int, change: tuple[int, str]) -> Path:
    """The file `path` with the characters from `change[0]` (counted from 1) of line `row` replaced by `change[1]`."""
    lines = path.read_text().splitlines()
    start = change[0] - 1
    lines[row - 1] = lines[row - 1][:start] + change[1] + lines[row - 1][start + len(change[1]) :]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def vector(tmp_path: Path, rng: np.random.Generator) -> Path:
    path = tmp_path / "orbit_2025.txt"
    write_vectors(path, synthetic("2025", 30, rng))
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ((6, "g"), r"line 4, column 6: 'g' where a digit of muon word 0 belongs"),
        ((1, "x"), r"line 4, column 1: 'x' where a digit of the crossing number belongs"),
        ((4, "a"), r"line 4, column 4: 'a' where a digit of the crossing number belongs"),
        ((5, "_"), r"line 4, column 5: '_' where a space belongs"),
        ((142, " "), r"line 4, column 142: ' ' where a digit of egamma word 0 belongs"),
        ((768, "2"), r"line 4, column 768: '2' where a digit of the final OR belongs"),
        ((768, "1 "), r"line 4, column 769: ' ' where the end of the line belongs \(769 characters, expected 768\)"),
    ],
)
def test_a_malformed_line_is_pointed_at(vector: Path, change: tuple[int, str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_vectors(spoilt(vector, 4, change), whole_orbits=False)


def test_upper_case_and_windows_line_ends_are_read(vector: Path) -> None:
    before = read_vectors(vector, whole_orbits=False)
    vector.write_bytes(vector.read_bytes().upper().replace(b"\n", b"\r\n"))
    assert_same(read_vectors(vector, whole_orbits=False), before)


@pytest.mark.parametrize("keep", [3, 100, 767])
def test_a_truncated_line_is_pointed_at(vector: Path, keep: int) -> None:
    content = vector.read_bytes()
    vector.write_bytes(content[: 769 * 29 + keep])
    place = f"line 30, column {keep + 1}: the end of the line where .* belongs \\({keep} characters, expected 768\\)"
    with pytest.raises(DataError, match=place):
        read_vectors(vector, whole_orbits=False)


def test_missing_crossings(vector: Path, tmp_path: Path) -> None:
    lines = vector.read_text().splitlines(keepends=True)
    with pytest.raises(DataError, match="is truncated: it ends at crossing 29"):
        read_vectors(vector)
    vector.write_text("".join(lines[:10] + lines[11:]))
    for chunk in (5, 10, 11, 100):
        with pytest.raises(DataError, match="line 11: crossing 11 where 10 belongs: crossings are missing"):
            list(iterate_vectors(vector, chunk, whole_orbits=False))
    vector.write_text("".join(lines[1:]))
    with pytest.raises(DataError, match="line 1: crossing 1 where 0 belongs"):
        read_vectors(vector)
    vector.write_text("9999" + lines[0][4:])
    with pytest.raises(DataError, match="line 1: crossing 9999"):
        read_vectors(vector, whole_orbits=False)
    vector.write_text("")
    with pytest.raises(DataError, match="holds no crossings"):
        read_vectors(vector)


def test_the_columns_of_another_era(tmp_path: Path, rng: np.random.Generator) -> None:
    path = tmp_path / "old.txt"
    write_vectors(path, synthetic("2016", 3, rng))
    with pytest.raises(SchemaError, match=r"line 1: 48 columns, 2024 has 60; pass the era: 2016"):
        read_vectors(path, era="2024")
    write_vectors(path, synthetic("2025", 3, rng))
    with pytest.raises(SchemaError, match=r"line 1: 60 columns, 2016 has 48; pass the era: 2018, 2022, 2023, 2024, 2025"):
        read_vectors(path, era="2016")
    with pytest.raises(SchemaError, match="no Global Trigger layout for '1999'"):
        read_vectors(path, era="1999")


def test_bits_without_a_field_are_counted() -> None:
    words = {column.name: np.zeros((3, column.n_words), np.uint64) for column in UGT_LAYOUTS["2022"].columns}
    words["jet"][:2, 4] = 1 << 27 | 1 << 31
    words["muon"][1, 1] = 1 << 61
    assert Crossings.from_words("2022", words).unused_bits() == {"muon": {61: 1}, "jet": {31: 2}}
    assert Crossings.from_words("2018", words).unused_bits() == {"jet": {27: 2, 31: 2}}


def test_files_that_are_no_vectors(tmp_path: Path, vector: Path) -> None:
    with pytest.raises(DataError, match="is not a file"):
        read_vectors(tmp_path / "absent_2025.txt")
    packed = tmp_path / "cut_2025.txt.gz"
    packed.write_bytes(gzip.compress(vector.read_bytes())[:-100])
    with pytest.raises(DataError, match="damaged or truncated gzip"):
        read_vectors(packed, whole_orbits=False)


def test_a_name_without_gz_may_hold_gzip(tmp_path: Path, vector: Path) -> None:
    packed = tmp_path / "packed_2025.txt"
    packed.write_bytes(gzip.compress(vector.read_bytes()))
    assert_same(read_vectors(packed, whole_orbits=False), read_vectors(vector, whole_orbits=False))


def test_crossings_are_checked(tmp_path: Path, rng: np.random.Generator) -> None:
    good = synthetic("2024", 2, rng)
    with pytest.raises(SchemaError, match="the 2024 layout needs the words jet; received"):
        Crossings.from_words("2024", {name: column for name, column in good.words.items() if name != "jet"})
    with pytest.raises(DataError, match=r"'jet' are uint64\[2, 5\], expected uint64\[2, 12\]"):
        Crossings.from_words("2024", {**good.words, "jet": good.words["jet"][:, :5]})
    with pytest.raises(DataError, match=r"'jet' have 32 bits, received 0x100000000"):
        Crossings.from_words("2024", {**good.words, "jet": np.full((2, 12), 1 << 32, np.uint64)})
    with pytest.raises(DataError, match=r"externals has the shape \(2, 5\), expected \(2, 256\)"):
        Crossings.from_words("2024", good.words, externals=np.zeros((2, 5)))
    with pytest.raises(SchemaError, match="cannot join crossings of the eras 2016, 2024"):
        Crossings.concatenate([good, synthetic("2016", 2, rng)])
    with pytest.raises(DataError, match="no crossings to concatenate"):
        Crossings.concatenate([])
    with pytest.raises(SchemaError, match="cannot hold crossings of the eras 2016, 2024"):
        write_vectors(tmp_path / "x.txt", [good, synthetic("2016", 2, rng)])
    assert not (tmp_path / "x.txt").exists()
    with pytest.raises(DataError, match="crossing 3564 cannot be written"):
        write_vectors(tmp_path / "x.txt", Crossings.from_words("2024", good.words, bx=[3563, 3564]))


QUALITY_BIT = {"egamma": {27}, "tau": {27}}
"""CMSSW writes bit 0 of its internal quality into a bit that the Global Trigger's documentation calls spare."""


def test_every_word_of_the_real_files_comes_back(real_data: Path, tmp_path: Path) -> None:
    files = sorted((real_data / "ugt").glob("*/*.txt.gz"))
    if not files:
        pytest.skip("no Global Trigger vectors in the real data")
    for path in files:
        crossings = read_vectors(path)
        assert crossings.n == N_CROSSINGS, path.name
        layout = crossings.layout
        again = layout.encode(crossings.objects, crossings.n, layout.unused(crossings.words))
        for name, words in crossings.words.items():
            np.testing.assert_array_equal(again[name], words, err_msg=f"{path.name} {name}")
        stray = {name: set(bits) for name, bits in crossings.unused_bits().items()}
        assert all(bits <= QUALITY_BIT.get(name, set()) for name, bits in stray.items()), f"{path.name}: {stray}"
        copy = tmp_path / "copy.txt"
        write_vectors(copy, crossings)
        assert copy.read_bytes() == gzip.decompress(path.read_bytes()), path.name
