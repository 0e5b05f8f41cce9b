"""Simulation of a network in the Global-Trigger shell: raw words of crossings in, score words and threshold bits out."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from l1ml.conversion.project import project_files, read_manifest
from l1ml.conversion.shell import SHELL_SOURCES, ScoreCut, TriggerShell
from l1ml.data.ugt_crossings import Crossings
from l1ml.emulation.emulator import score_words
from l1ml.emulation.shared_library import bench_source
from l1ml.emulation.verilated import RANDOM_START, verilated_library
from l1ml.errors import BitMismatchError, ConversionError, DataError, SchemaError

__all__ = ["ShellOutput", "ShellSimulation", "Stimulus"]

_MAX_SCORE_BITS = 62
_PIECE_BITS = 32


@dataclass(frozen=True, eq=False, slots=True)
class Stimulus:
    """What is on the input ports, clock by clock.

    Parameters
    ----------
    rows : ndarray of int64, shape (n_clocks,)
        Which crossing is on the ports, valid or not.
    valid : ndarray of bool, shape (n_clocks,)
        Whether it counts.
    reset : ndarray of bool, shape (n_clocks,)
        Whether the shell is reset.

    Raises
    ------
    DataError
        If the shapes differ.
    """

    rows: NDArray[np.int64]
    valid: NDArray[np.bool_]
    reset: NDArray[np.bool_]

    def __post_init__(self) -> None:
        if not self.rows.shape == self.valid.shape == self.reset.shape == (len(self.rows),):
            msg = f"rows, valid and reset have the shapes {self.rows.shape}, {self.valid.shape} and {self.reset.shape}"
            raise DataError(msg)

    @classmethod
    def stream(cls, n_crossings: int, spacing: int, tail: int) -> Self:
        """One clock of reset, then a crossing every `spacing` clocks, then `tail` empty clocks.

        Between two valid clocks the port already holds the next crossing: words that do not count must not matter.
        """
        clock = np.arange(n_crossings * spacing + tail)
        rows = np.minimum((clock + spacing - 1) // spacing, n_crossings - 1)
        valid = (clock % spacing == 0) & (clock < n_crossings * spacing)
        first = np.array([True])
        return cls(np.append(0, rows), np.append(~first, valid), np.append(first, np.zeros(len(rows), np.bool_)))


@dataclass(frozen=True, eq=False, slots=True)
class ShellOutput:
    """What is on the output ports: after the rising edge of each clock, or for each crossing.

    Parameters
    ----------
    valid : ndarray of bool, shape (n,)
        Whether a crossing comes out.
    bx : ndarray of int64, shape (n,)
        Its number.
    scores : ndarray of int64, shape (n,) or (n, n_scores)
        Its score word, or words.
    bits : ndarray of bool, shape (n, n_thresholds)
        Whether the score of each threshold reaches it.
    """

    valid: NDArray[np.bool_]
    bx: NDArray[np.int64]
    scores: NDArray[np.int64]
    bits: NDArray[np.bool_]

    def select(self, rows: NDArray[np.bool_]) -> ShellOutput:
        """The rows that a mask picks."""
        return ShellOutput(self.valid[rows], self.bx[rows], self.scores[rows], self.bits[rows])


class ShellSimulation:
    """A written ``verilog`` project in the hand-written shell, by its registers and gates.

    The library is built in the project's ``build/`` folder when it is not there yet. Registers start with random bits.

    Parameters
    ----------
    project : Path
        Folder of the project.
    thresholds : mapping of str to int or ScoreCut
        For each bit its name and the smallest score word that sets it, as of `TriggerShell`.
    firmware : Path
        Folder with the hand-written sources, ``firmware`` of the repository.
    era : str
        Layout of the words.

    Raises
    ------
    ToolNotFoundError
        If Verilator or g++ is missing.
    DataError
        If `project` is no ``verilog`` project, or `firmware` lacks a source.
    ConfigError, ConversionError, SchemaError
        As `TriggerShell`; also if a score is wider than the bench can hand over, or Verilator refuses the sources.
    """

    def __init__(self, project: Path, thresholds: Mapping[str, int | ScoreCut], firmware: Path, era: str = "2024") -> None:
        self.shell = TriggerShell(read_manifest(project, "verilog"), thresholds, era)
        if self.shell.score_format.width > _MAX_SCORE_BITS:
            msg = f"the bench hands over scores of up to {_MAX_SCORE_BITS} bits, this one is {self.shell.score_format}"
            raise ConversionError(msg)
        self._library = ctypes.CDLL(str(_library(project.resolve(), self.shell, firmware.resolve())))

    def play(self, crossings: Crossings, spacing: int | None = None) -> ShellOutput:
        """One row for each of `crossings`, which enter every `spacing` clocks (by default, one each 25 ns) after a reset.

        Raises
        ------
        DataError
            If there are no crossings, or `spacing` is less than 1.
        SchemaError
            If their words have another layout.
        BitMismatchError
            If a crossing does not come out after the latency, or anything else does.
        """
        distance = self.shell.clocks_per_crossing if spacing is None else spacing
        if distance < 1 or not len(crossings):
            msg = f"the shell takes one or more crossings, 1 clock or more apart; received {len(crossings)} and {distance}"
            raise DataError(msg)
        stimulus = Stimulus.stream(len(crossings), distance, self.shell.latency_cycles)
        output = self.clock(crossings, stimulus)
        expected = np.roll(stimulus.valid, self.shell.latency_cycles - 1)
        wrong = np.flatnonzero(output.valid != expected)
        if wrong.size:
            msg = f"clock {wrong[0]}: valid is {bool(output.valid[wrong[0]])}, {wrong.size} clocks are not as the latency says"
            raise BitMismatchError(msg)
        return output.select(expected)

    def clock(self, crossings: Crossings, stimulus: Stimulus) -> ShellOutput:
        """The output ports after every clock of `stimulus`, whatever they hold; `rows` of it count in `crossings`.

        Raises
        ------
        DataError
            If the stimulus names a crossing that is not there.
        SchemaError
            If the words have another layout.
        """
        if crossings.layout.columns != self.shell.layout.columns:
            msg = f"the shell reads words of {self.shell.era}, these crossings are of {crossings.era}"
            raise SchemaError(msg)
        rows, n = np.ascontiguousarray(stimulus.rows, np.int64), len(stimulus.rows)
        if n and not 0 <= rows.min() <= rows.max() < len(crossings):
            msg = f"the stimulus names the crossings {rows.min()} to {rows.max()}, there are {len(crossings)}"
            raise DataError(msg)
        inputs = (pieces(crossings), rows, crossings.bx[rows], stimulus.valid.astype(np.uint8), stimulus.reset.astype(np.uint8))
        bits, scores = np.zeros((n, len(self.shell.cuts)), np.uint8), np.zeros((n, self.shell.n_scores), np.int64)
        valid, bx = np.zeros(n, np.uint8), np.zeros(n, np.int64)
        self._call(*inputs, n, valid, bx, scores, bits)
        return ShellOutput(valid.astype(np.bool_), bx, score_words(self._words(scores)), bits.astype(np.bool_))

    def _call(self, *arguments: NDArray[np.integer] | int) -> None:
        function = self._library["l1ml_play"]
        function.restype = None
        function.argtypes = [
            ctypes.c_int64 if isinstance(item, int) else np.ctypeslib.ndpointer(item.dtype, flags="C_CONTIGUOUS")
            for item in arguments
        ]
        function(*arguments)

    def _words(self, bits: NDArray[np.int64]) -> NDArray[np.int64]:
        """Bits of the score port as words: with the sign that they stand for."""
        form = self.shell.score_format
        return bits - ((bits > form.max_word).astype(np.int64) << form.width)


def pieces(crossings: Crossings) -> NDArray[np.uint32]:
    """The words as they were received, one vector for each crossing, in pieces of 32 bits, shape (n, 64)."""
    columns = []
    for column in crossings.layout.columns:
        words = np.ascontiguousarray(crossings.words[column.name], "<u8").view("<u4")
        columns.append(words if column.layout.n_bits > _PIECE_BITS else words[:, ::2])
    return np.ascontiguousarray(np.concatenate(columns, axis=1), np.uint32)


def _library(project: Path, shell: TriggerShell, firmware: Path) -> Path:
    """The shared library of `project` in the shell, built if need be."""
    own = {f"firmware/{name}": firmware / "global_trigger" / name for name in SHELL_SOURCES}
    missing = [str(path) for path in own.values() if not path.is_file()]
    if missing:
        msg = f"{missing[0]} is missing: 'firmware' is the folder of that name in the repository"
        raise DataError(msg)
    kernel = {str(path): project / path for path in sorted(project_files(project)) if path.suffix == ".v"}
    texts = {
        **{name: bench_source(name) for name in ("shell_bench.cpp", "port_words.h")},
        "l1ml_shell.h": _header(shell),
        f"{shell.name}.sv": shell.verilog(),
    }
    return verilated_library(project, "shell_simulation", shell.name, {**own, **kernel}, texts, start=RANDOM_START)


def _header(shell: TriggerShell) -> str:
    """C++ constants of the ports, for the bench."""
    n_bits = sum(column.n_words * column.layout.n_bits for column in shell.layout.columns)
    sizes = {"crossing_bits": n_bits, "score_bits": shell.score_format.width, "n_scores": shell.n_scores}
    numbers = ", ".join(f"{name} = {size}" for name, size in {**sizes, "n_thresholds": len(shell.cuts)}.items())
    return f"#pragma once\nnamespace l1ml {{ constexpr int {numbers}; }}\n"
