"""Generated C++ functions as each back end wants them: its number types, and arrays, streams or pipes around the statements.

Statements are written once, for rows of words: ``inp[i]`` in (``inp_0[i]``, ``inp_1[i]`` and so on where several rows are read),
``out[i]`` out, in the types of Vitis. The types of Catapult, oneAPI and Libero have other names and the same arithmetic: sums and
products are as wide as they need to be, and rounding and saturation happen where a value is assigned. With streams a whole row
is one transfer, whatever the shape of the tensor.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from l1ml.conversion.hls_backends import HlsBackend
from l1ml.errors import ConversionError

__all__ = [
    "Signature",
    "function_name",
    "function_source",
    "local_row",
    "quantiser_statement",
    "row_names",
    "unrolled_loop",
    "word_types",
]

_FIXED = re.compile(r"\bap_(u?)fixed<(\d+), (-?\d+)(?:, AP_(\w+), AP_(\w+))?>")
_UNSIGNED = re.compile(r"\bap_uint<(\d+)>")
_STREAMS = {"ap": "hls::stream", "ac": "ac_channel", "fixpt": "hls::FIFO"}
_INLINE = {"ap": ["#pragma HLS INLINE"], "ac": [], "fixpt": ["#pragma HLS function inline"]}
_PIPELINE = {"ap": ["#pragma HLS PIPELINE"], "ac": [], "fixpt": ["#pragma HLS function pipeline"]}
_SHARED_PIPELINE = ("if (CONFIG_T::strategy == nnet::latency) {", "    #pragma HLS PIPELINE II=CONFIG_T::reuse_factor", "}")
"""A product that shares multipliers between cycles takes a row less often, and pipelines itself where its strategy is another."""

_UNROLL = {"catapult": "#pragma hls_unroll yes", "oneapi": "#pragma unroll", "libero": "#pragma HLS loop unroll"}
"""What stands before a loop there; the tools of AMD want theirs inside."""

_WEIGHTS = {"weight": "weights", "bias": "biases"}


@dataclass(frozen=True, slots=True)
class Signature:
    """What a generated function reads.

    Parameters
    ----------
    n_rows : int
        Rows of words.
    has_weights : bool
        Whether there are also ``weights`` and ``biases``, of the types in a ``CONFIG_T``.
    is_shared : bool
        Whether these share their multipliers between cycles, in a loop of their own.
    """

    n_rows: int = 1
    has_weights: bool = False
    is_shared: bool = False


def function_name(layer: str) -> str:
    """C++ function of `layer`: in hls4ml's namespace, in which ``dense`` and other likely names of layers are taken."""
    return f"l1ml_{layer}"


def row_names(n_rows: int) -> list[str]:
    """Names of the rows that a function of `n_rows` reads."""
    return [f"inp{suffix}" for suffix in _suffixes(n_rows)]


def function_source(
    name: str, statements: Sequence[str], backend: HlsBackend, io_type: str, signature: Signature | None = None
) -> str:
    """C++ function of the layer `name` around `statements`, of one row unless `signature` says otherwise.

    Raises
    ------
    ConversionError
        If oneAPI, whose numbers have at least two bits, would saturate to a single one.
    """
    lines = [_in_types(name, line, backend) for line in statements]
    signature = signature or Signature()
    frame = _frame(backend, io_type, signature)
    body = "".join(f"    {line}\n" for line in [*frame.before, *lines, *frame.after])
    return f"\n{frame.head(function_name(name), has_weights=signature.has_weights)} {{\n{body}}}\n"


def quantiser_statement(index: int, k: int, width: int, integer: int, modes: tuple[str, str]) -> str:
    """Word `index` of a row, rounded and saturated to ``width`` bits; a word of no bits is zero."""
    kind = f"ap_{'' if k else 'u'}fixed<{width}, {integer}, AP_{modes[0]}, AP_{modes[1]}>"
    return f"out[{index}] = {kind}(inp[{index}]);" if width else f"out[{index}] = 0;"


def word_types(backend: HlsBackend, io_type: str) -> tuple[str, str]:
    """Types of a word that a function of one row reads, and of one that it writes."""
    if io_type == "io_parallel" and backend.name != "oneapi":
        return "input_t", "output_t"
    return "typename input_t::value_type", "typename output_t::value_type"


def local_row(word: str, name: str, size: str, backend: HlsBackend) -> list[str]:
    """Declaration of a row inside a function, all of its words in registers."""
    if backend.name == "oneapi":
        return [f"[[intel::fpga_register]] nnet::array<{word}, {size}> {name};"]
    declaration = f"{word} {name}[{size}];"
    if backend.name == "libero":
        return [f"#pragma HLS memory partition variable({name}) type(complete)", declaration]
    return [declaration, *([f"#pragma HLS ARRAY_PARTITION variable={name} complete"] if backend.types == "ap" else [])]


def unrolled_loop(index: str, end: str, statements: Sequence[str], backend: HlsBackend) -> list[str]:
    """A loop whose turns all happen at once."""
    lines = [f"for (unsigned {index} = 0; {index} < {end}; {index}++) {{", *(f"    {line}" for line in statements), "}"]
    if backend.types == "ap":
        return [lines[0], "    #pragma HLS UNROLL", *lines[1:]]
    return [_UNROLL[backend.name], *lines]


def _suffixes(n_rows: int) -> list[str]:
    """What the names of each row end in."""
    return [""] if n_rows == 1 else [f"_{index}" for index in range(n_rows)]


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is around the statements of a function: parameters and arguments, what goes before and after, the form of weights."""

    parameters: list[str]
    arguments: list[str]
    before: list[str]
    after: list[str]
    weights: str

    def head(self, name: str, *, has_weights: bool) -> str:
        """First line of the function `name`."""
        parameters, arguments = list(self.parameters), list(self.arguments)
        if has_weights:
            parameters.append("typename CONFIG_T")
            arguments += [self.weights.format(f"typename CONFIG_T::{kind}_t", label) for kind, label in _WEIGHTS.items()]
        return f"template <{', '.join(parameters)}> void {name}({', '.join(arguments)})"


def _frame(backend: HlsBackend, io_type: str, signature: Signature) -> _Frame:
    if io_type == "io_parallel":
        return _array_frame(backend, signature)
    return _pipe_frame(signature) if backend.name == "oneapi" else _stream_frame(backend, signature)


def _types(signature: Signature) -> list[str]:
    return [f"typename {item}" for item in (*(f"input{suffix}_t" for suffix in _suffixes(signature.n_rows)), "output_t")]


def _array_frame(backend: HlsBackend, signature: Signature) -> _Frame:
    """Arrays in, an array out."""
    suffixes = _suffixes(signature.n_rows)
    if backend.name == "oneapi":
        arguments = [*(f"const input{suffix}_t &inp{suffix}" for suffix in suffixes), "output_t &out"]
        return _Frame(_types(signature), arguments, [], [], "const {} &{}")
    arguments = [*(f"input{suffix}_t *inp{suffix}" for suffix in suffixes), "output_t *out"]
    return _Frame(_types(signature), arguments, _INLINE[backend.types], [], "{} *{}")


def _stream_frame(backend: HlsBackend, signature: Signature) -> _Frame:
    """One transfer of each stream in, one out."""
    suffixes = _suffixes(signature.n_rows)
    stream = _STREAMS[backend.types]
    arguments = [*(f"{stream}<input{suffix}_t> &source{suffix}" for suffix in suffixes), f"{stream}<output_t> &sink"]
    before = [*(f"input{suffix}_t inp{suffix} = source{suffix}.read();" for suffix in suffixes), "output_t out;"]
    return _Frame(_types(signature), arguments, [*_pipeline(backend, signature), *before], ["sink.write(out);"], "{} *{}")


def _pipeline(backend: HlsBackend, signature: Signature) -> Sequence[str]:
    """What lets a function of streams take a row before it has done with the one before."""
    if not signature.has_weights or backend.types == "ac":
        return _PIPELINE[backend.types]
    if backend.types == "ap":
        return _SHARED_PIPELINE
    # SmartHLS unrolls every loop of a function that it pipelines, and with them the sharing
    return [] if signature.is_shared else [f"{_PIPELINE['fixpt'][0]} II(CONFIG_T::reuse_factor)"]


def _pipe_frame(signature: Signature) -> _Frame:
    """One transfer of each pipe in, one out; pipes are types."""
    suffixes = _suffixes(signature.n_rows)
    parameters = [f"class {item}" for item in (*(f"input{suffix}_pipe" for suffix in suffixes), "output_pipe")]
    before = []
    for suffix in suffixes:
        before.append(f"using input{suffix}_t = typename ExtractPipeType<input{suffix}_pipe>::value_type;")
        before.append(f"const input{suffix}_t inp{suffix} = input{suffix}_pipe::read();")
    before += ["using output_t = typename ExtractPipeType<output_pipe>::value_type;", "output_t out;"]
    return _Frame(parameters, [], before, ["output_pipe::write(out);"], "{} {}")


def _in_types(name: str, line: str, backend: HlsBackend) -> str:
    """A statement in the types of `backend`."""
    match backend.types:
        case "ap":
            return line
        case "ac":
            return _ac_types(name, line, backend)
        case _:
            return _UNSIGNED.sub(r"hls::ap_uint<\1>", _FIXED.sub(_fixpt, line))


def _fixpt(match: re.Match[str]) -> str:
    """A type of SmartHLS."""
    unsigned, width, integer, rounding, overflow = match.groups()
    modes = f", hls::AP_{rounding}, hls::AP_{overflow}" if rounding else ""
    return f"hls::ap_{unsigned}fixpt<{width}, {integer}{modes}>"


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
