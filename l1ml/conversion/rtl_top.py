"""The top module of an RTL project: fixed ports around alkaid's core, whose own ports depend on what pruning left."""

from __future__ import annotations

from collections.abc import Sequence

from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint

__all__ = ["CLOCK_PORT", "INPUT_PORT", "OUTPUT_PORT", "Kif", "top_module"]

Kif = tuple[int, int, int]
"""(keep_negative, integer bits without sign, fractional bits), as alkaid describes a port."""

CLOCK_PORT, INPUT_PORT, OUTPUT_PORT = "clk", "words", "score"


def top_module(
    name: str,
    core: str,
    inputs: Sequence[tuple[str, FixedPoint, Kif]],
    outputs: tuple[FixedPoint, Sequence[Kif]],
) -> str:
    """Verilog of the module `name`: wires between the declared ports and those of the module `core`.

    Parameters
    ----------
    name, core : str
        Names of the top module and of alkaid's.
    inputs : sequence of (str, FixedPoint, Kif)
        For each word: its feature, its format on the link, and what the core reads of it (no bit at all if pruned away).
    outputs : (FixedPoint, sequence of Kif)
        Declared format of every score, and what the core gives for each: no bit at all of one that is always zero.

    Raises
    ------
    ConversionError
        If the core reads no input, gives nothing but constants, or has bits that the declared formats have not.
    """
    slices, offset = [], 0
    for feature, link, kif in inputs:
        slices.append(_slice(feature, link, kif, offset))
        offset += link.width
    read = [item for item in reversed(slices) if item is not None]
    declared, given = outputs
    core_bits = sum(sum(kif) for kif in given)
    if not read or core_bits < 1:
        msg = "the score is a constant: the weights or the saturation on the way to it leave no choice; train the model again"
        raise ConversionError(msg)
    lines = [f"        {bits}{',' if row < len(read) - 1 else ''} // {feature}" for row, (bits, feature) in enumerate(read)]
    return "\n".join(
        [
            "`timescale 1 ns / 1 ps",
            "",
            "// Wires only: the words on the link, the first feature in the lowest bits, to the bits that the network reads.",
            f"module {name} (",
            f"    input {CLOCK_PORT},",
            f"    input [{offset - 1}:0] {INPUT_PORT},",
            f"    output [{declared.width * len(given) - 1}:0] {OUTPUT_PORT}",
            ");",
            f"    wire [{sum(sum(kif) for _, _, kif in inputs) - 1}:0] core_words = {{",
            *lines,
            "    };",
            f"    wire [{core_bits - 1}:0] core_score;",
            f"    {core} core (.clk({CLOCK_PORT}), .model_inp(core_words), .model_out(core_score));",
            *_assignments(declared, given),
            "endmodule",
            "",
        ]
    )


def _slice(feature: str, link: FixedPoint, kif: Kif, offset: int) -> tuple[str, str] | None:
    """Bits of one word that the core reads, if any, and the name of the feature."""
    if sum(kif) < 1:
        return None
    low = link.fractional - kif[2]
    high = low + sum(kif) - 1
    if low < 0 or high >= link.width:
        msg = f"alkaid reads bits {low} to {high} of {feature!r}, which has {link.width}: it is not the word on the link"
        raise ConversionError(msg)
    return f"{INPUT_PORT}[{offset + high}:{offset + low}]", feature


def _assignments(declared: FixedPoint, given: Sequence[Kif]) -> list[str]:
    """Each score word on the output port, the first one in the lowest bits."""
    if len(given) == 1:
        return [f"    assign {OUTPUT_PORT} = {_padded(declared, given[0], 0)};"]
    lines, low, width = [], 0, declared.width
    for index, kif in enumerate(given):
        place = f"{OUTPUT_PORT}[{(index + 1) * width - 1}:{index * width}]"
        lines.append(f"    assign {place} = {_padded(declared, kif, low)};")
        low += sum(kif)
    return lines


def _padded(declared: FixedPoint, kif: Kif, low: int) -> str:
    """A score of the core, whose bits begin at `low`, on the grid and in the width of the declared format."""
    k, _, f = kif
    width, shift = sum(kif), declared.fractional - f
    if width < 1:
        return f"{declared.width}'d0"
    if shift < 0:
        msg = f"alkaid gives {f} fractional bits, the score {declared} has {declared.fractional}: the networks differ"
        raise ConversionError(msg)
    kept = min(width, declared.width - shift)
    pad = declared.width - shift - kept
    # bits above the declared width are copies of the sign or zero: the range of the score is known exactly
    sign = f"core_score[{low + width - 1}]" if k else "1'b0"
    parts = [(pad, sign), (kept > 0, f"core_score[{low + kept - 1}:{low}]"), (shift, "1'b0")]
    return "{" + ", ".join(f"{{{int(n)}{{{bits}}}}}" for n, bits in parts if n) + "}"
