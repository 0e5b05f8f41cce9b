"""Buffer files of trigger boards: 64-bit words by frame and channel, with the markers of each word.

Formats: EMP version 2 (EMP framework; ``ID:``, ``Metadata:``, one ``Link`` line, then ``Frame NNNN`` lines of
``FLAGS DDDDDDDDDDDDDDDD`` pairs) and APx (``#Sideband ON``, ``#LinkLabel``, ``#BeginData``, then ``0xNNNN`` lines of
``0xSS 0xDDDDDDDDDDDDDDDD`` pairs), both as CMSSW ``L1Trigger/DemonstratorTools`` defines them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn, Self

import numpy as np
from numpy.typing import NDArray

from l1ml.data.text_lines import line_sink, open_lines
from l1ml.errors import DataError, SchemaError
from l1ml.hardware.link_words import Words

__all__ = ["BufferFormat", "LinkBuffer", "iterate_link_buffer", "read_link_buffer", "write_link_buffer"]

Flags = NDArray[np.bool_]

_METADATA = "Metadata: (strobe,) start of orbit, start of packet, end of packet, valid"
_EMP_FLAGS = ("strobe", "start_of_orbit", "start_of_packet", "end_of_packet", "valid")
_DEFAULTS = {flag: flag in {"strobe", "valid"} for flag in _EMP_FLAGS}
_APX_BITS = {"valid": 0, "start_of_packet": 1, "start_of_orbit": 2, "end_of_packet": 3}
_CHUNK = 1024


class BufferFormat(StrEnum):
    """How a buffer is written."""

    EMP = "EMPv2"
    APX = "APx"


@dataclass(frozen=True, eq=False)
class LinkBuffer:
    """`n_frames` words on each of some channels.

    Parameters
    ----------
    channels : tuple of int
        Numbers of the channels, in the order of the columns.
    data : ndarray of uint64, shape (n_frames, n_channels)
        The words.
    flags : mapping of ndarray of bool, shape (n_frames, n_channels)
        What travels beside each word: ``valid``, ``start_of_orbit``, ``start_of_packet``, ``end_of_packet`` and ``strobe``
        (whether the clock cycle carries a word at all; always set but on links slower than the clock).
    name : str
        The board, empty for APx files, which name none.
    first_frame : int
        Number of the first frame; not 0 for later batches of a streamed file.

    Raises
    ------
    DataError
        If shapes disagree or flags are missing.
    """

    channels: tuple[int, ...]
    data: Words
    flags: Mapping[str, Flags]
    name: str = ""
    first_frame: int = 0

    def __post_init__(self) -> None:
        shape = self.data.shape
        if len(shape) != 2 or shape[1] != len(self.channels) or self.data.dtype != np.uint64:
            msg = f"data is {self.data.dtype}{list(shape)}, expected uint64[n_frames, {len(self.channels)}]"
            raise DataError(msg)
        if set(self.flags) != set(_DEFAULTS):
            msg = f"flags are {', '.join(sorted(self.flags))}; expected {', '.join(sorted(_DEFAULTS))}"
            raise DataError(msg)
        for name, marks in self.flags.items():
            if marks.shape != shape:
                msg = f"{name} has the shape {marks.shape}, expected {shape}"
                raise DataError(msg)

    @classmethod
    def from_words(cls, channels: tuple[int, ...], data: Words, name: str = "", **flags: Flags) -> Self:
        """A buffer of `data`; flags that are not given are set for ``valid`` and ``strobe``, not set for all others."""
        filled = {flag: np.full(data.shape, value) for flag, value in _DEFAULTS.items()}
        return cls(channels, data, MappingProxyType({**filled, **flags}), name)

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return len(self.data)

    @classmethod
    def concatenate(cls, parts: Iterable[LinkBuffer]) -> Self:
        """All frames of `parts`, in order.

        Raises
        ------
        DataError
            If there is nothing to join or the channels differ.
        """
        given = list(parts)
        if len({part.channels for part in given}) != 1:
            msg = f"cannot join {len(given)} buffers: they must have the same channels"
            raise DataError(msg)
        flags = {flag: np.concatenate([part.flags[flag] for part in given]) for flag in _DEFAULTS}
        return cls(given[0].channels, np.concatenate([part.data for part in given]), flags, given[0].name, given[0].first_frame)


def read_link_buffer(path: Path) -> LinkBuffer:
    """All frames of the buffer file `path`, EMP or APx by its first line, plain or gzip.

    Raises
    ------
    DataError
        If the file is missing, malformed (line and column are named), or a frame is missing.
    SchemaError
        If it is neither format, or an older EMP version.
    """
    return LinkBuffer.concatenate(iterate_link_buffer(path))


def iterate_link_buffer(path: Path, chunk: int = _CHUNK) -> Iterator[LinkBuffer]:
    """Frames of the buffer file `path` in batches of at most `chunk`; a file without frames gives one empty batch.

    Errors as for `read_link_buffer`.
    """
    with open_lines(path) as stream:
        lines = _numbered(stream)
        reader = _header(path, lines)
        lines = (line for line in lines if not line[1].startswith("#"))
        n_frames = 0
        while rows := list(islice(lines, chunk)):
            yield reader.read(rows, n_frames)
            n_frames += len(rows)
        if not n_frames:
            yield reader.read([], 0)


def write_link_buffer(
    path: Path, buffer: LinkBuffer | Iterable[LinkBuffer], file_format: BufferFormat = BufferFormat.EMP
) -> None:
    """Write `buffer` (one batch or many) to `path` in `file_format`; gzip if the name ends in ``.gz``.

    Raises
    ------
    DataError
        If there is no batch, the batches have different channels, or the format cannot carry a marker.
    StorageError
        If the disk is full or `path` cannot be written.
    """
    batches = iter([buffer] if isinstance(buffer, LinkBuffer) else buffer)
    first = next(batches, None)
    if first is None:
        msg = f"nothing to write to {path}: no buffer was given"
        raise DataError(msg)
    head, rows = (_emp_head, _emp_rows) if file_format is BufferFormat.EMP else (_apx_head, _apx_rows)
    with line_sink(path) as stream:
        stream.write(head(first).encode())
        n_frames = 0
        for batch in chain([first], batches):
            if batch.channels != first.channels:
                msg = f"{path} has the channels {first.channels}, received {batch.channels}"
                raise DataError(msg)
            stream.write("".join(rows(batch, n_frames)).encode())
            n_frames += batch.n_frames


def _emp_head(buffer: LinkBuffer) -> str:
    """Lines before the first frame."""
    labels = "".join(f"            {channel:03d}        " for channel in buffer.channels)
    return f"ID: {buffer.name or 'l1ml'}\n{_METADATA}\n\n      Link  {labels.rstrip()}\n"


def _emp_rows(buffer: LinkBuffer, first: int) -> Iterator[str]:
    """One line a frame; a channel has the strobe digit if the strobe is ever off, as a reader takes it to be on."""
    flags = np.stack([buffer.flags[flag] for flag in _EMP_FLAGS], axis=2).astype(np.uint8)
    starts = [int(strobe.all()) for strobe in buffer.flags["strobe"].T]
    for row, (words, marks) in enumerate(zip(buffer.data.tolist(), (flags + ord("0")).tolist(), strict=True), first):
        cells = (f"  {bytes(mark[start:]).decode()} {word:016x}" for word, mark, start in zip(words, marks, starts, strict=True))
        yield f"Frame {row:04d}  {''.join(cells)}\n"


def _apx_head(buffer: LinkBuffer) -> str:
    """Lines before the first frame."""
    labels = "".join(f"                LINK_{channel:02d}    " for channel in buffer.channels)
    return f"#Sideband ON\n#LinkLabel{labels.rstrip()}\n#BeginData\n"


def _apx_rows(buffer: LinkBuffer, first: int) -> Iterator[str]:
    """One line a frame."""
    if not buffer.flags["strobe"].all():
        msg = "an APx file has no strobe: write the buffer as EMPv2, or drop the clock cycles without a word"
        raise DataError(msg)
    sideband = sum((buffer.flags[flag].astype(np.int64) << bit for flag, bit in _APX_BITS.items()), np.int64(0))
    for row, (words, marks) in enumerate(zip(buffer.data.tolist(), np.asarray(sideband).tolist(), strict=True), first):
        cells = (f"    0x{mark:02x} 0x{word:016x}" for word, mark in zip(words, marks, strict=True))
        yield f"0x{row:04x}{''.join(cells)}\n"


@dataclass(frozen=True, slots=True)
class _Reader:
    """What the head of a file says about its frames."""

    path: Path
    file_format: BufferFormat
    name: str
    channels: tuple[int, ...]

    def read(self, rows: list[tuple[int, str]], first: int) -> LinkBuffer:
        """The frames of `rows` (line number and text), the first of which must have the number `first`."""
        n = len(self.channels)
        data = np.zeros((len(rows), n), np.uint64)
        marks = {flag: np.zeros((len(rows), n), np.bool_) for flag in _DEFAULTS}
        for row, (number, text) in enumerate(rows):
            for channel, (word, flags) in enumerate(self._cells(number, text, first + row)):
                data[row, channel] = word
                for flag, value in flags.items():
                    marks[flag][row, channel] = value
        return LinkBuffer(self.channels, data, marks, self.name, first)

    def _cells(self, number: int, text: str, frame: int) -> Iterator[tuple[int, dict[str, bool]]]:
        """Word and markers of every channel of one line."""
        where = f"{self.path}, line {number}"
        head, cell, marks = _PATTERNS[self.file_format]
        match = head.match(text)
        if match is None:
            _refuse(where, text, 0, f"frame {frame}")
        found = int(match["frame"], 16 if self.file_format is BufferFormat.APX else 10)
        if found != frame:
            msg = f"{where}: frame {found} where {frame} belongs: frames are missing, repeated or out of order"
            raise DataError(msg)
        place = match.end()
        for channel in self.channels:
            match = cell.match(text, place)
            if match is None:
                _refuse(where, text, place, f"a word of channel {channel}")
            yield int(match["word"], 16), marks(match["flags"], where)
            place = match.end()
        if text[place:].strip():
            _refuse(where, text, place, f"the end of {len(self.channels)} channels")


def _emp_marks(digits: str, _where: str) -> dict[str, bool]:
    """Markers of an EMP word; the strobe, in front, is left out where it is always on."""
    return {"strobe": True} | {flag: digit == "1" for flag, digit in zip(_EMP_FLAGS[-len(digits) :], digits, strict=True)}


def _apx_marks(digits: str, where: str) -> dict[str, bool]:
    """Markers of an APx word."""
    sideband = int(digits, 16)
    if sideband >> len(_APX_BITS):
        msg = f"{where}: the sideband {sideband:#x} has the frame-error bit or a reserved bit set, which l1ml cannot carry"
        raise DataError(msg)
    return {"strobe": True} | {flag: bool(sideband >> bit & 1) for flag, bit in _APX_BITS.items()}


_PATTERNS = {
    BufferFormat.EMP: (
        re.compile(r"Frame (?P<frame>\d{4,})"),
        re.compile(r"\s+(?P<flags>[01]{4,5}) (?P<word>[0-9a-fA-F]{16})(?=\s|$)"),
        _emp_marks,
    ),
    BufferFormat.APX: (
        re.compile(r"0x(?P<frame>[0-9a-fA-F]+)"),
        re.compile(r"\s+0x(?P<flags>[0-9a-fA-F]{1,4})\s+0x(?P<word>[0-9a-fA-F]{1,16})(?=\s|$)"),
        _apx_marks,
    ),
}


def _refuse(where: str, text: str, place: int, wanted: str) -> NoReturn:
    """Say what stands where `wanted` belongs."""
    start = place + len(text[place:]) - len(text[place:].lstrip())
    found = repr(text[start : start + 24]) if start < len(text) else "the end of the line"
    msg = f"{where}, column {start + 1}: {found} where {wanted} belongs"
    raise DataError(msg)


def _numbered(stream: Iterator[bytes]) -> Iterator[tuple[int, str]]:
    """Lines with their number, without line ends, empty ones and trailing blanks."""
    for number, line in enumerate(stream, 1):
        text = line.decode("utf-8", errors="replace").rstrip()
        if text:
            yield number, text


def _header(path: Path, lines: Iterator[tuple[int, str]]) -> _Reader:
    """Read up to the line of the channels, or of ``#BeginData``."""
    number, text = next(lines, (1, ""))
    if text.startswith("ID:"):
        return _emp_header(path, text.removeprefix("ID:").strip(), lines)
    if text.startswith(("#Sideband", "#LinkLabel")):
        return _apx_header(path, number, text, lines)
    older = "; this is EMP version 1: write it as EMPv2" if text.startswith("Board ") else ""
    msg = (
        f"{path}, line {number}: {text[:40]!r} starts neither an EMPv2 ('ID:') nor an APx ('#Sideband', '#LinkLabel') file{older}"
    )
    raise SchemaError(msg)


def _emp_header(path: Path, name: str, lines: Iterator[tuple[int, str]]) -> _Reader:
    number, text = next(lines, (2, ""))
    if not text.startswith(_METADATA):
        _refuse(f"{path}, line {number}", text, 0, repr(_METADATA))
    number, text = next(lines, (number + 1, ""))
    labels = text.split()
    if labels[:1] != ["Link"]:
        _refuse(f"{path}, line {number}", text, 0, "the line 'Link' with the channel numbers")
    return _Reader(path, BufferFormat.EMP, name, _channels(labels[1:], "", f"{path}, line {number}"))


def _apx_header(path: Path, number: int, text: str, lines: Iterator[tuple[int, str]]) -> _Reader:
    if text.startswith("#Sideband"):
        if text.split()[1:] != ["ON"]:
            _refuse(f"{path}, line {number}", text, 0, "'#Sideband ON' (words without a sideband have no markers)")
        number, text = next(lines, (number + 1, ""))
    labels = text.split()
    if labels[:1] != ["#LinkLabel"]:
        _refuse(f"{path}, line {number}", text, 0, "the line '#LinkLabel' with the links")
    channels = _channels(labels[1:], "LINK_", f"{path}, line {number}")
    number, text = next(lines, (number + 1, ""))
    if text != "#BeginData":
        _refuse(f"{path}, line {number}", text, 0, "'#BeginData'")
    return _Reader(path, BufferFormat.APX, "", channels)


def _channels(labels: list[str], prefix: str, where: str) -> tuple[int, ...]:
    """Numbers of the channels called `labels`."""
    for label in labels:
        if not (label.startswith(prefix) and label.removeprefix(prefix).isdecimal()):
            msg = f"{where}: {label!r} is no channel; they are called '{prefix}<number>'"
            raise DataError(msg)
    channels = tuple(int(label.removeprefix(prefix)) for label in labels)
    if not channels or len(set(channels)) < len(channels):
        msg = f"{where}: {len(channels)} channels, {len(set(channels))} of them different; each column needs its own number"
        raise DataError(msg)
    return channels
