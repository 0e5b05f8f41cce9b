"""The module that puts a network into the Global-Trigger shell of ``firmware/global_trigger``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from l1ml.conversion.shell_fields import FieldWire, field_wires, word_wires
from l1ml.errors import ConfigError, ConversionError, SchemaError
from l1ml.hardware import FixedPoint
from l1ml.hardware.ugt_layouts import UgtLayout, ugt_layout

__all__ = ["SHELL_SOURCES", "ScoreCut", "TriggerShell"]

SHELL_SOURCES = ("ugt_words_2024.sv", "gt_delay.sv", "gt_compare.sv", "gt_shell.sv")
"""Hand-written files in ``firmware/global_trigger``, in the order in which tools have to read them."""

_PACKAGES = {"2024": "ugt_words_2024", "2025": "ugt_words_2024"}
"""Package of each era; the words of 2025 are those of 2024."""

_CROSSING_MHZ = 40.0
_INDEX_BITS = 8
_SHELL_STAGES = 2
"""Registers of the shell itself: in front of the kernel, and behind the comparators."""

_MODULE = """\
`timescale 1 ns / 1 ps

// {project} in the Global-Trigger shell. Written by l1ml.conversion.shell: wires and constants only.
// Latency {latency} clocks = {latency_bx} bx of {per_crossing} clocks; the kernel alone {kernel_cycles} clocks.
module {name} #(
    // smallest score word that sets each bit
    parameter logic [{threshold_high}:0] THRESHOLDS = {{
{thresholds}
    }},
    // number of the score that it is compared with
    parameter logic [{score_of_high}:0] SCORE_OF = {{
{score_of}
    }}
) (
    input  logic clk,
    input  logic reset,
    input  logic valid_in,
    input  logic [{package}::BX_BITS-1:0] bx_in,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [{package}::CROSSING_BITS-1:0] crossing_in,
    // verilator lint_on UNUSEDSIGNAL
    output logic valid_out,
    output logic [{package}::BX_BITS-1:0] bx_out,
    output logic [{score_high}:0] score_out,
    output logic [{bits_high}:0] bits_out
);
  logic [{words_high}:0] words, kernel_words;
  logic [{score_high}:0] kernel_score;

  // words of the crossing
  // verilator lint_off UNUSEDSIGNAL
{word_wires}
  // verilator lint_on UNUSEDSIGNAL

  // their fields, the words of the network
{field_wires}

  {kernel} kernel (
      .{clock_port}(clk),
      .{words_port}(kernel_words),
      .{score_port}(kernel_score)
  );

  gt_shell #(
      .WORDS_BITS({words_bits}),
      .BX_BITS({package}::BX_BITS),
      .SCORE_BITS({score_bits}),
      .SCORE_SIGNED(1'b{score_signed}),
      .N_SCORES({n_scores}),
      .N_THRESHOLDS({n_thresholds}),
      .THRESHOLDS(THRESHOLDS),
      .SCORE_OF(SCORE_OF),
      .KERNEL_CLOCKS({kernel_cycles}),
      .CLOCKS_PER_CROSSING({per_crossing})
  ) shell (
      .clk(clk),
      .reset(reset),
      .valid_in(valid_in),
      .bx_in(bx_in),
      .words_in(words),
      .kernel_words(kernel_words),
      .kernel_score(kernel_score),
      .valid_out(valid_out),
      .bx_out(bx_out),
      .score_out(score_out),
      .bits_out(bits_out)
  );
endmodule
"""


@dataclass(frozen=True, slots=True)
class ScoreCut:
    """A threshold bit: score number `score`, counted from 0, has at least the word `minimum`."""

    minimum: int
    score: int = 0


@dataclass(frozen=True)
class TriggerShell:
    """A ``verilog`` project between the words of a crossing and threshold bits.

    Parameters
    ----------
    manifest : mapping
        Manifest of the project; its features are named ``<collection>_<slot>_<field>``.
    thresholds : mapping of str to int or ScoreCut
        For each bit its name and the smallest score word that sets it, the lowest bit first; a plain number cuts on the first
        score, which is the only one of an anomaly network.
    era : str
        Layout of the words.

    Raises
    ------
    ConfigError
        If there is no threshold, or one is no word of a score that the kernel gives.
    ConversionError
        If the clock is no multiple of 40 MHz, the kernel does not take a crossing in every clock, or a feature has another
        format than its field.
    SchemaError
        If a feature is no field of a word, or there is no package for the era.
    """

    manifest: Mapping[str, Any]
    thresholds: Mapping[str, int | ScoreCut]
    era: str = "2024"

    def __post_init__(self) -> None:
        if self.era not in _PACKAGES:
            msg = f"firmware/ describes the words of {', '.join(_PACKAGES)}, not those of {self.era!r}"
            raise SchemaError(msg)
        _check_clock(self.manifest, self.clocks_per_crossing)
        _check_cuts(self.cuts, self.score_format, self.n_scores)
        _ = self.wires

    @property
    def name(self) -> str:
        """Name of the module."""
        return f"{str(self.manifest['top']).removesuffix('_top')}_trigger"

    @property
    def layout(self) -> UgtLayout:
        """What the words mean."""
        return ugt_layout(self.era)

    @cached_property
    def cuts(self) -> Mapping[str, ScoreCut]:
        """The cut behind each bit, the lowest bit first."""
        cuts = {name: ScoreCut(cut) if isinstance(cut, int) else cut for name, cut in self.thresholds.items()}
        return MappingProxyType(cuts)

    @cached_property
    def wires(self) -> tuple[FieldWire, ...]:
        """Where each input word of the kernel comes from."""
        return field_wires(self.manifest, self.layout)

    @property
    def score_format(self) -> FixedPoint:
        """Format of a score word on the port."""
        return FixedPoint.parse(self.manifest["output"]["format"])

    @property
    def n_scores(self) -> int:
        """Number of score words side by side on the port."""
        return int(self.manifest["output"]["n_words"])

    @property
    def clocks_per_crossing(self) -> int:
        """Clocks in 25 ns."""
        return round(float(self.manifest["clock_mhz"]) / _CROSSING_MHZ)

    @property
    def kernel_cycles(self) -> int:
        """Latency of the kernel as its generator states it; with any other the simulation gives wrong scores."""
        return int(self.manifest["estimate"]["latency_cycles"])

    @property
    def latency_bx(self) -> int:
        """Whole crossings from the words on the port to the bits on the port."""
        return -(-(self.kernel_cycles + _SHELL_STAGES) // self.clocks_per_crossing)

    @property
    def latency_cycles(self) -> int:
        """Rising edges from the words on the port to the bits on the port."""
        return self.latency_bx * self.clocks_per_crossing

    def verilog(self) -> str:
        """SystemVerilog of the module: the fields on the kernel's port, the kernel, and the shell around it."""
        words, score = self.manifest["input"], self.manifest["output"]
        width, package = self.score_format.width, _PACKAGES[self.era]
        return _MODULE.format(
            project=self.manifest["name"],
            latency=self.latency_cycles,
            latency_bx=self.latency_bx,
            per_crossing=self.clocks_per_crossing,
            kernel_cycles=self.kernel_cycles,
            name=self.name,
            package=package,
            thresholds=_rows(width, {name: cut.minimum for name, cut in self.cuts.items()}),
            threshold_high=width * len(self.cuts) - 1,
            score_of=_rows(_INDEX_BITS, {name: cut.score for name, cut in self.cuts.items()}),
            score_of_high=_INDEX_BITS * len(self.cuts) - 1,
            n_scores=self.n_scores,
            n_thresholds=len(self.cuts),
            bits_high=len(self.cuts) - 1,
            words_bits=words["bits"],
            words_high=words["bits"] - 1,
            words_port=words["port"],
            word_wires=_lines(word_wires(self.wires, self.layout, package)),
            field_wires=_lines(wire.verilog(package) for wire in self.wires),
            score_bits=width,
            score_high=width * self.n_scores - 1,
            score_signed=int(self.score_format.signed),
            score_port=score["port"],
            kernel=self.manifest["top"],
            clock_port=self.manifest["clock_port"],
        )


def _lines(statements: Iterable[str]) -> str:
    return "\n".join(f"  {statement}" for statement in statements)


def _rows(width: int, numbers: Mapping[str, int]) -> str:
    """Parts of the concatenation of one number a bit, the first one last because it is in the lowest bits."""
    rows = []
    for index, (name, number) in enumerate(numbers.items()):
        constant = f"{width}'h{number & (1 << width) - 1:x}{',' if index else ''}"
        rows.append(f"        {constant}  // bit {index}: {' '.join(name.split())}, {number}")
    return "\n".join(reversed(rows))


def _check_cuts(cuts: Mapping[str, ScoreCut], form: FixedPoint, n_scores: int) -> None:
    if not cuts:
        msg = "a trigger needs at least one threshold, received none"
        raise ConfigError(msg)
    for name, cut in cuts.items():
        if not form.min_word <= cut.minimum <= form.max_word:
            msg = f"threshold {name!r} is {cut.minimum}: the score {form} has the words {form.min_word} to {form.max_word}"
            raise ConfigError(msg)
        if cut.score >= 1 << _INDEX_BITS:
            msg = f"threshold {name!r} is on score {cut.score}: the shell counts scores with {_INDEX_BITS} bits, from 0"
            raise ConfigError(msg)
        if not 0 <= cut.score < n_scores:
            msg = f"threshold {name!r} is on score {cut.score}: the kernel gives {n_scores}, counted from 0"
            raise ConfigError(msg)


def _check_clock(manifest: Mapping[str, Any], clocks_per_crossing: int) -> None:
    clock, interval = float(manifest["clock_mhz"]), manifest["estimate"]["interval_cycles"]
    if clocks_per_crossing < 1 or clocks_per_crossing * _CROSSING_MHZ != clock:
        msg = f"the clock of the kernel is {clock} MHz; the shell needs a multiple of {_CROSSING_MHZ} MHz, such as 240"
        raise ConversionError(msg)
    if interval != 1:
        msg = f"the kernel takes a crossing every {interval} clocks; the shell has no buffer and needs 1"
        raise ConversionError(msg)
