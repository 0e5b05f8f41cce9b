"""What an RTL project holds beside the logic: test bench, golden words and Makefile."""

from __future__ import annotations

from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from l1ml.conversion.templates import render
from l1ml.hardware import FixedPoint
from l1ml.model import TriggerModel

__all__ = ["golden_words", "rtl_contents"]

_SUFFIX = {"verilog": "sv", "vhdl": "vhd"}


def rtl_contents(
    model: TriggerModel, language: str, top: str, *, latency: int, clock_ns: float, use_dsp: bool
) -> dict[PurePosixPath, bytes]:
    """Files to put beside the logic.

    Parameters
    ----------
    model : TriggerModel
        What was converted; its golden crossings are those of the test bench.
    language : {"verilog", "vhdl"}
        Language of the project.
    top : str
        Top module or entity.
    latency : int
        Rising edges from a crossing on the port to its score on the port; a wrong one makes the test bench fail.
    clock_ns : float
        Period of the clock in the test bench, in ns.
    use_dsp : bool
        Whether Yosys may make DSP blocks of products.
    """
    bits = _bits(model.input_formats), _bits(_output_formats(model))
    bench = render(
        f"rtl_bench.{_SUFFIX[language]}",
        model=f"the model {model.name} ({model.digest[:8]})",
        top=top,
        crossings=len(model.golden.scores),
        latency=latency,
        input_high=bits[0] - 1,
        output_high=bits[1] - 1,
        input_digits=_digits(bits[0]),
        output_digits=_digits(bits[1]),
        half_period=f"{clock_ns / 2:.4f}",
    )
    return {
        PurePosixPath(f"sim/{top}_bench.{_SUFFIX[language]}"): bench,
        PurePosixPath("sim/golden_words.txt"): golden_words(model),
        PurePosixPath("Makefile"): render(f"{language}.mk", top=top, options="" if use_dsp else " -nodsp"),
    }


def golden_words(model: TriggerModel) -> bytes:
    """Golden crossings as the bits of both ports in hexadecimal, one crossing in a line, the first word in the lowest bits."""
    lines = []
    sides = model.input_formats, _output_formats(model)
    for row in zip(model.golden.inputs, model.golden.scores.reshape(-1, model.network.n_outputs), strict=True):
        fields = [(_packed(words, formats), _bits(formats)) for words, formats in zip(row, sides, strict=True)]
        lines.append(" ".join(f"{word:0{_digits(width)}x}" for word, width in fields))
    return ("\n".join(lines) + "\n").encode()


def _output_formats(model: TriggerModel) -> tuple[FixedPoint, ...]:
    return (model.output_format,) * model.network.n_outputs


def _packed(words: NDArray[np.integer], formats: tuple[FixedPoint, ...]) -> int:
    """All words of a crossing in one number."""
    packed, offset = 0, 0
    for word, item in zip(words.tolist(), formats, strict=True):
        packed |= (word % (1 << item.width)) << offset
        offset += item.width
    return packed


def _bits(formats: tuple[FixedPoint, ...]) -> int:
    return sum(item.width for item in formats)


def _digits(bits: int) -> int:
    """Hexadecimal digits of a word of `bits` bits."""
    return -(-bits // 4)
