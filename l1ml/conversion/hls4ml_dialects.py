"""Generated C++ functions as each back end wants them: its number types, and arrays, streams or pipes around the statements.

Statements are written once, for one row of words: ``inp[i]`` in, ``out[i]`` out, in the types of Vitis. The types of Catapult and
oneAPI have other names and the same arithmetic: sums and products are as wide as they need to be, and rounding and saturation
happen where a value is assigned. With streams the whole row is one transfer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from l1ml.conversion.hls_backends import HlsBackend
from l1ml.errors import ConversionError

__all__ = ["function_source", "quantiser_statement"]

_FIXED = re.compile(r"\bap_(u?)fixed<(\d+), (-?\d+)(?:, AP_(\w+), AP_(\w+))?>")
_UNSIGNED = re.compile(r"\bap_uint<(\d+)>")
_TWO_TYPES = "template <typename input_t, typename output_t> void {name}"


def function_source(name: str, statements: Sequence[str], backend: HlsBackend, io_type: str) -> str:
    """C++ function `name` around `statements`.

    Raises
    ------
    ConversionError
        If oneAPI, whose numbers have at least two bits, would saturate to a single one.
    """
    lines = list(statements) if backend.types == "ap" else [_ac_types(name, line, backend) for line in statements]
    head, before, after = (_stream_frame if io_type == "io_stream" else _array_frame)(name, backend)
    body = "".join(f"    {line}\n" for line in [*before, *lines, *after])
    return f"\n{head} {{\n{body}}}\n"


def quantiser_statement(index: int, k: int, width: int, integer: int, modes: tuple[str, str]) -> str:
    """Word `index` of a row, rounded and saturated to ``width`` bits; a word of no bits is zero."""
    kind = f"ap_{'' if k else 'u'}fixed<{width}, {integer}, AP_{modes[0]}, AP_{modes[1]}>"
    return f"out[{index}] = {kind}(inp[{index}]);" if width else f"out[{index}] = 0;"


def _array_frame(name: str, backend: HlsBackend) -> tuple[str, list[str], list[str]]:
    """Head of a function of arrays; what goes before and after its statements."""
    two = _TWO_TYPES.format(name=name)
    if backend.name == "oneapi":
        return f"{two}(const input_t &inp, output_t &out)", [], []
    return f"{two}(input_t *inp, output_t *out)", ["#pragma HLS INLINE"] if backend.types == "ap" else [], []


def _stream_frame(name: str, backend: HlsBackend) -> tuple[str, list[str], list[str]]:
    """Head of a function of streams, one transfer in and one out; what goes before and after its statements."""
    if backend.name == "oneapi":
        before = [
            "using input_t = typename ExtractPipeType<input_pipe>::value_type;",
            "typename ExtractPipeType<output_pipe>::value_type out;",
            "const input_t inp = input_pipe::read();",
        ]
        return f"template <class input_pipe, class output_pipe> void {name}()", before, ["output_pipe::write(out);"]
    stream = "hls::stream" if backend.types == "ap" else "ac_channel"
    before = ["input_t inp = source.read();", "output_t out;"]
    head = f"{_TWO_TYPES.format(name=name)}({stream}<input_t> &source, {stream}<output_t> &sink)"
    return head, ["#pragma HLS PIPELINE", *before] if backend.types == "ap" else before, ["sink.write(out);"]


def _ac_types(name: str, line: str, backend: HlsBackend) -> str:
    """A statement with ``ac_fixed`` and ``ac_int`` for ``ap_fixed`` and ``ap_uint``."""

    def fixed(match: re.Match[str]) -> str:
        unsigned, width, integer, rounding, overflow = match.groups()
        bits, above = int(width), int(integer)
        if bits == 1 and backend.name == "oneapi":
            if overflow not in {None, "WRAP"}:
                msg = f"layer {name!r} saturates to one bit, ac_fixed of oneAPI has at least two: use two, or another back end"
                raise ConversionError(msg)
            # one more bit above changes no value that fits into one
            bits, above = 2, above + 1
        modes = f", AC_{rounding}, AC_{overflow}" if rounding else ""
        return f"ac_fixed<{bits}, {above}, {'false' if unsigned else 'true'}{modes}>"

    return _UNSIGNED.sub(r"ac_int<\1, false>", _FIXED.sub(fixed, line))
