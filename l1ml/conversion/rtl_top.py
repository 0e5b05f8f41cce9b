"""The top module of an RTL project: fixed ports around alkaid's core, whose own ports depend on what pruning left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint

__all__ = ["CLOCK_PORT", "INPUT_PORT", "OUTPUT_PORT", "Kif", "top_module"]

Kif = tuple[int, int, int]
"""(keep_negative, integer bits without sign, fractional bits), as alkaid describes a port."""

_Part = tuple[int, int | None, int]
"""(times, highest bit, lowest bit) of the scores of the core; no highest bit is zeros."""

CLOCK_PORT, INPUT_PORT, OUTPUT_PORT = "clk", "words", "score"


@dataclass(frozen=True, slots=True)
class _Wires:
    """Wires of the top module: bits that the core reads, from the lowest up, and what its score becomes."""

    read: list[tuple[int, int, str]]
    """(highest bit, lowest bit, feature) of each word on the port that the core reads."""
    input_bits: int
    core_input_bits: int
    core_score_bits: int
    score: list[_Part]
    """The output port, from the highest bit down."""


def top_module(
    name: str,
    core: str,
    inputs: Sequence[tuple[str, FixedPoint, Kif]],
    outputs: tuple[FixedPoint, Sequence[Kif]],
    language: str = "verilog",
) -> str:
    """Text of the module or entity `name`: wires between the declared ports and those of `core`.

    Parameters
    ----------
    name, core : str
        Names of the top module and of alkaid's.
    inputs : sequence of (str, FixedPoint, Kif)
        For each word: its feature, its format on the link, and what the core reads of it (no bit at all if pruned away).
    outputs : (FixedPoint, sequence of Kif)
        Declared format of every score, and what the core gives for each: no bit at all of one that is always zero.
    language : {"verilog", "vhdl"}
        Language of the text.

    Raises
    ------
    ConversionError
        If the core reads no input, gives nothing but constants, or has bits that the declared formats have not.
    """
    wires = _wires(inputs, outputs)
    return (_vhdl if language == "vhdl" else _verilog)(name, core, wires, outputs[0].width * len(outputs[1]))


def _wires(inputs: Sequence[tuple[str, FixedPoint, Kif]], outputs: tuple[FixedPoint, Sequence[Kif]]) -> _Wires:
    slices, offset = [], 0
    for feature, link, kif in inputs:
        slices.append(_slice(feature, link, kif, offset))
        offset += link.width
    declared, given = outputs
    core_bits = sum(sum(kif) for kif in given)
    read = [item for item in slices if item is not None]
    if not read or core_bits < 1:
        msg = "the score is a constant: the weights or the saturation on the way to it leave no choice; train the model again"
        raise ConversionError(msg)
    return _Wires(read, offset, sum(sum(kif) for _, _, kif in inputs), core_bits, _scores(declared, given))


def _verilog(name: str, core: str, wires: _Wires, score_bits: int) -> str:
    read = [(f"{INPUT_PORT}[{high}:{low}]", feature) for high, low, feature in reversed(wires.read)]
    lines = [f"        {bits}{',' if row < len(read) - 1 else ''} // {feature}" for row, (bits, feature) in enumerate(read)]
    score = ", ".join(f"{{{n}{{{_verilog_bits(high, low)}}}}}" for n, high, low in wires.score)
    return "\n".join(
        [
            "`timescale 1 ns / 1 ps",
            "",
            "// Wires only: the words on the link, the first feature in the lowest bits, to the bits that the network reads.",
            f"module {name} (",
            f"    input {CLOCK_PORT},",
            f"    input [{wires.input_bits - 1}:0] {INPUT_PORT},",
            f"    output [{score_bits - 1}:0] {OUTPUT_PORT}",
            ");",
            f"    wire [{wires.core_input_bits - 1}:0] core_words = {{",
            *lines,
            "    };",
            f"    wire [{wires.core_score_bits - 1}:0] core_score;",
            f"    {core} core (.clk({CLOCK_PORT}), .model_inp(core_words), .model_out(core_score));",
            f"    assign {OUTPUT_PORT} = {{{score}}};",
            "endmodule",
            "",
        ]
    )


def _verilog_bits(high: int | None, low: int) -> str:
    if high is None:
        return "1'b0"
    return f"core_score[{high}]" if high == low and low > 0 else f"core_score[{high}:{low}]"


def _vhdl(name: str, core: str, wires: _Wires, score_bits: int) -> str:
    lines, place = [], 0
    for high, low, feature in wires.read:
        top = place + high - low
        lines.append(f"    core_words({top} downto {place}) <= {INPUT_PORT}({high} downto {low}); -- {feature}")
        place = top + 1
    place = score_bits
    for times, highest, lowest in wires.score:
        for _ in range(times):
            width = 1 if highest is None else highest - lowest + 1
            bits = '"0"' if highest is None else f"core_score({highest} downto {lowest})"
            lines.append(f"    {OUTPUT_PORT}({place - 1} downto {place - width}) <= {bits};")
            place -= width
    return "\n".join(
        [
            "-- Wires only: the words on the link, the first feature in the lowest bits, to the bits that the network reads.",
            "library ieee;",
            "use ieee.std_logic_1164.all;",
            "",
            f"entity {name} is",
            "    port (",
            f"        {CLOCK_PORT} : in std_logic;",
            f"        {INPUT_PORT} : in std_logic_vector({wires.input_bits - 1} downto 0);",
            f"        {OUTPUT_PORT} : out std_logic_vector({score_bits - 1} downto 0)",
            "    );",
            "end entity;",
            "",
            f"architecture wires of {name} is",
            f"    signal core_words : std_logic_vector({wires.core_input_bits - 1} downto 0);",
            f"    signal core_score : std_logic_vector({wires.core_score_bits - 1} downto 0);",
            "begin",
            f"    core : entity work.{core} port map (clk => {CLOCK_PORT}, model_inp => core_words, model_out => core_score);",
            *lines,
            "end architecture;",
            "",
        ]
    )


def _slice(feature: str, link: FixedPoint, kif: Kif, offset: int) -> tuple[int, int, str] | None:
    """Bits of the port that the core reads of one word, if any, and the name of the feature."""
    if sum(kif) < 1:
        return None
    low = link.fractional - kif[2]
    high = low + sum(kif) - 1
    if low < 0 or high >= link.width:
        msg = f"alkaid reads bits {low} to {high} of {feature!r}, which has {link.width}: it is not the word on the link"
        raise ConversionError(msg)
    return offset + high, offset + low, feature


def _scores(declared: FixedPoint, given: Sequence[Kif]) -> list[_Part]:
    """All score words side by side, from the highest bit of the last one down."""
    parts: list[_Part] = []
    low = 0
    for kif in given:
        parts = [*_padded(declared, kif, low), *parts]
        low += sum(kif)
    return parts


def _padded(declared: FixedPoint, kif: Kif, low: int) -> list[_Part]:
    """A score of the core, whose bits begin at `low`, on the grid and in the width of the declared format."""
    k, _, f = kif
    width, shift = sum(kif), declared.fractional - f
    if width < 1:
        return [(declared.width, None, 0)]
    if shift < 0:
        msg = f"alkaid gives {f} fractional bits, the score {declared} has {declared.fractional}: the networks differ"
        raise ConversionError(msg)
    kept = min(width, declared.width - shift)
    pad = declared.width - shift - kept
    # bits above the declared width are copies of the sign or zero: the range of the score is known exactly
    sign = low + width - 1 if k else None
    parts: list[_Part] = [(pad, sign, low + width - 1), (int(kept > 0), low + kept - 1, low), (shift, None, 0)]
    return [part for part in parts if part[0]]
