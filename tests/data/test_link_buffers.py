from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from l1ml.data.link_buffers import BufferFormat, LinkBuffer, iterate_link_buffer, read_link_buffer, write_link_buffer
from l1ml.errors import DataError, SchemaError

EMP = """\
ID: x0
Metadata: (strobe,) start of orbit, start of packet, end of packet, valid

      Link              000                     072
Frame 0000    1101 0123456789abcdef  10000 ffffffffffffffff
Frame 0001    0001 0000000000000001  11111 0000000000000000
# a comment is no frame
Frame 0002    0011 FEDCBA9876543210  00000 0000000000000002
"""

APX = """\
#Sideband ON
#LinkLabel                LINK_00                    LINK_12
#BeginData
0x0000    0x07 0x0123456789abcdef    0x00 0xffffffffffffffff
0x0001    0x09 0x0000000000000001    0x01 0x0000000000000002
"""


def toy(rng: np.random.Generator, *, strobe: bool) -> LinkBuffer:
    data = rng.integers(0, 2**64 - 1, (40, 5), np.uint64, endpoint=True)
    flags = {flag: rng.random(data.shape) < 0.5 for flag in ("valid", "start_of_orbit", "start_of_packet", "end_of_packet")}
    marks = rng.random(data.shape) < 0.5 if strobe else np.ones(data.shape, np.bool_)
    return LinkBuffer.from_words((0, 1, 4, 71, 100), data, name="", strobe=marks, **flags)


def assert_same(left: LinkBuffer, right: LinkBuffer) -> None:
    assert left.channels == right.channels
    np.testing.assert_array_equal(left.data, right.data)
    for flag, marks in left.flags.items():
        np.testing.assert_array_equal(marks, right.flags[flag], err_msg=flag)


def test_an_emp_file_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "buffer.txt"
    path.write_text(EMP)
    buffer = read_link_buffer(path)
    assert (buffer.name, buffer.channels, buffer.n_frames) == ("x0", (0, 72), 3)
    assert buffer.data[:, 0].tolist() == [0x0123456789ABCDEF, 1, 0xFEDCBA9876543210]
    assert buffer.flags["start_of_orbit"].tolist() == [[True, False], [False, True], [False, False]]
    assert buffer.flags["start_of_packet"].tolist() == [[True, False], [False, True], [False, False]]
    assert buffer.flags["end_of_packet"].tolist() == [[False, False], [False, True], [True, False]]
    assert buffer.flags["valid"].tolist() == [[True, False], [True, True], [True, False]]
    assert buffer.flags["strobe"].tolist() == [[True, True], [True, True], [True, False]]


def test_an_apx_file_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "buffer.txt"
    path.write_text(APX)
    buffer = read_link_buffer(path)
    assert (buffer.name, buffer.channels) == ("", (0, 12))
    assert buffer.flags["valid"].tolist() == [[True, False], [True, True]]
    assert buffer.flags["start_of_packet"][:, 0].tolist() == [True, False]
    assert buffer.flags["start_of_orbit"][:, 0].tolist() == [True, False]
    assert buffer.flags["end_of_packet"][:, 0].tolist() == [False, True]
    again = tmp_path / "again.txt"
    write_link_buffer(again, buffer, BufferFormat.APX)
    assert again.read_text() == APX


@pytest.mark.parametrize("suffix", [".txt", ".txt.gz"])
@pytest.mark.parametrize(
    ("file_format", "strobe"), [(BufferFormat.EMP, True), (BufferFormat.EMP, False), (BufferFormat.APX, False)]
)
def test_what_is_written_is_read(
    file_format: BufferFormat, strobe: bool, suffix: str, tmp_path: Path, rng: np.random.Generator
) -> None:
    buffer = toy(rng, strobe=strobe)
    path = tmp_path / f"buffer{suffix}"
    write_link_buffer(path, buffer, file_format)
    assert_same(read_link_buffer(path), buffer)
    parts = list(iterate_link_buffer(path, 7))
    assert [part.first_frame for part in parts] == [0, 7, 14, 21, 28, 35]
    second = tmp_path / f"again{suffix}"
    write_link_buffer(second, parts, file_format)
    assert_same(read_link_buffer(second), buffer)


def test_words_alone_are_valid_and_unmarked(tmp_path: Path) -> None:
    buffer = LinkBuffer.from_words((3,), np.array([[5]], np.uint64))
    assert buffer.flags["valid"].all()
    assert not buffer.flags["start_of_packet"].any()
    path = tmp_path / "b.txt"
    write_link_buffer(path, buffer)
    assert path.read_text().splitlines()[-1] == "Frame 0000    0001 0000000000000005"


def test_a_file_without_frames(tmp_path: Path) -> None:
    path = tmp_path / "b.txt"
    path.write_text("".join(EMP.splitlines(keepends=True)[:4]))
    assert read_link_buffer(path).data.shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            EMP.replace("1101 0123", "1121 0123"),
            r"line 5, column 15: '1121 0123456789abcdef  1' where a word of channel 0 belongs",
        ),
        (
            EMP.replace("10000 ffffffffffffffff", "10000 fff"),
            r"line 5, column 38: '10000 fff' where a word of channel 72 belongs",
        ),
        (EMP.replace("  10000 ffffffffffffffff", ""), r"line 5, column 36: the end of the line where a word of channel 72"),
        (EMP.replace("ffffffffffffffff", "ffffffffffffffff 7"), r"line 5, column 61: '7' where the end of 2 channels belongs"),
        (EMP.replace("Frame 0001", "Frame 0003"), r"line 6: frame 3 where 1 belongs: frames are missing"),
        (EMP.replace("Frame 0001", "0001"), r"line 6, column 1: '0001 .* where frame 1 belongs"),
        (EMP.replace("072", "000"), r"line 4: 2 channels, 1 of them different"),
        (EMP.replace("072", "q07"), r"line 4: 'q07' is no channel"),
        (EMP.replace("Metadata", "Meta"), r"line 2, column 1: 'Meta: .* where 'Metadata"),
        (EMP.replace("      Link", "Fibre"), r"line 4, column 1: 'Fibre .* where the line 'Link'"),
        (APX.replace("0x07", "0x17"), r"line 4: the sideband 0x17 has the frame-error bit or a reserved bit"),
        (APX.replace("LINK_12", "L12"), r"line 2: 'L12' is no channel; they are called 'LINK_<number>'"),
        (APX.replace("#BeginData\n", ""), r"line 3, column 1: '0x0000 .* where '#BeginData' belongs"),
        (APX.replace("#LinkLabel", "#Label"), r"line 2, column 1: .* where the line '#LinkLabel'"),
        (APX.replace("ON", "OFF"), r"line 1, column 1: .* where '#Sideband ON'"),
        (APX.replace("0x0001 ", "0x000f "), r"line 5: frame 15 where 1 belongs"),
    ],
)
def test_a_malformed_file_is_pointed_at(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.txt"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_link_buffer(path)


def test_files_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "bad.txt"
    path.write_text("Board CMSSW\n")
    with pytest.raises(SchemaError, match="this is EMP version 1: write it as EMPv2"):
        read_link_buffer(path)
    path.write_text("")
    with pytest.raises(SchemaError, match="starts neither an EMPv2"):
        read_link_buffer(path)
    path.write_bytes(gzip.compress(EMP.encode())[:-9])
    with pytest.raises(DataError, match="damaged or truncated gzip"):
        read_link_buffer(path)


def test_what_cannot_be_written(tmp_path: Path, rng: np.random.Generator) -> None:
    path = tmp_path / "b.txt"
    with pytest.raises(DataError, match="an APx file has no strobe"):
        write_link_buffer(path, toy(rng, strobe=True), BufferFormat.APX)
    with pytest.raises(DataError, match="no buffer was given"):
        write_link_buffer(path, [])
    other = LinkBuffer.from_words((1,), np.zeros((1, 1), np.uint64))
    with pytest.raises(DataError, match=r"has the channels \(0, 1, 4, 71, 100\), received \(1,\)"):
        write_link_buffer(path, [toy(rng, strobe=False), other])
    assert not path.exists()


def test_buffers_are_checked() -> None:
    data = np.zeros((2, 1), np.uint64)
    with pytest.raises(DataError, match=r"data is uint64\[2, 1\], expected uint64\[n_frames, 2\]"):
        LinkBuffer.from_words((0, 1), data)
    with pytest.raises(DataError, match="flags are colour, "):
        LinkBuffer.from_words((0,), data, colour=np.zeros((2, 1), np.bool_))
    with pytest.raises(DataError, match=r"valid has the shape \(1, 1\)"):
        LinkBuffer.from_words((0,), data, valid=np.ones((1, 1), np.bool_))
    with pytest.raises(DataError, match="cannot join 0 buffers"):
        LinkBuffer.concatenate([])
