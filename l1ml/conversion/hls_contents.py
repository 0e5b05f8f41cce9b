"""What an HLS project holds beside the C++ of the network: test bench, golden words, Makefile, script for the implementation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.conversion.hls_backends import SMARTHLS_MAKEFILE, HlsBackend
from l1ml.conversion.templates import render
from l1ml.model import TriggerModel

__all__ = ["BUILD_OPTIONS", "hls_contents"]

BUILD_OPTIONS = b"""array set opt {
    reset      1
    csim       0
    synth      1
    cosim      0
    validation 0
    export     0
    vsynth     0
    fifo_opt   0
}
"""
"""What ``build_prj.tcl`` of Vitis does: C synthesis."""

_INPUTS = PurePosixPath("tb_data/tb_input_features.dat")
_OUTPUTS = PurePosixPath("tb_data/tb_output_predictions.dat")
_TCL_FOLDER = b"$sfd/firmware/weights"
_ARRAYS = "{input_t} row[{n}];", "{output_t} score[{outputs}];\n        {top}(row, score);"
_THROUGH_STREAMS = """{stream}<{input_t}> source{depth};
        {stream}<{output_t}> sink{depth};
        source.write(row);
        {top}(source, sink);
        {output_t} score = sink.read();"""
_STREAMS = "{input_t} row;", _THROUGH_STREAMS


def hls_contents(
    model: TriggerModel,
    backend: HlsBackend,
    description: Mapping[str, Any],
    types: tuple[str, str],
    files: Mapping[PurePosixPath, bytes],
) -> dict[PurePosixPath, bytes]:
    """Files to put beside, or in the place of, those of hls4ml.

    Parameters
    ----------
    model : TriggerModel
        What was converted; its golden crossings are those of the test bench.
    backend : HlsBackend
        Tool that the project is for.
    description : mapping
        Entries of the manifest.
    types : (str, str)
        C++ types of the input port and of the output port.
    files : mapping of PurePosixPath to bytes
        What hls4ml wrote.
    """
    top = str(description["top"])
    scores = model.output_format.from_words(model.golden.scores)
    contents = {_INPUTS: _lines(model.golden.inputs), _OUTPUTS: _lines(scores.reshape(len(scores), -1))}
    if backend.name == "oneapi":
        bench = _oneapi_bench(model, description)
        return {**contents, PurePosixPath(f"src/{top}_test.cpp"): bench, PurePosixPath("Makefile"): render("oneapi.mk", top=top)}
    contents[PurePosixPath(f"{top}_test.cpp")] = _bench(model, backend, description, types)
    contents[PurePosixPath("Makefile")] = _makefile(backend, top)
    if backend.types == "ap":
        script = render("hls_implement.tcl", top=top, part=description["part"], clock_ns=description["clock_ns"])
        contents[PurePosixPath("implement.tcl")] = script
    if backend.name == "vitis":
        contents[PurePosixPath("build_opt.tcl")] = BUILD_OPTIONS
    if backend.name == "catapult":
        # the argument of the test bench: its golden words, no weights
        build = PurePosixPath("build_prj.tcl")
        contents[build] = files[build].replace(_TCL_FOLDER, b"$sfd/tb_data")
    return contents


def _bench(model: TriggerModel, backend: HlsBackend, description: Mapping[str, Any], types: tuple[str, str]) -> bytes:
    """C++ test bench for arrays or streams."""
    top, is_catapult = str(description["top"]), backend.types == "ac"
    names = {
        "input_t": types[0],
        "output_t": types[1],
        "n": len(model.features),
        "outputs": model.network.n_outputs,
        "top": f"CCS_DESIGN({top})" if is_catapult else top,
    }
    declare, call = _STREAMS if description["transfers"] else _ARRAYS
    is_libero = backend.name == "libero"
    stream = "ac_channel" if is_catapult else "hls::FIFO" if is_libero else "hls::stream"
    return render(
        "hls_bench.cpp",
        **_golden(model),
        top=top,
        include="#include <mc_scverify.h>\n" if is_catapult else "",
        main="CCS_MAIN(int argc, char *argv[])" if is_catapult else "int main(int argc, char **argv)",
        leave="CCS_RETURN" if is_catapult else "return ",
        declare=declare.format(**names),
        call=call.format(**names, stream=stream, depth="(1)" if is_libero else ""),
        word=".data" if is_libero else "",
    )


def _oneapi_bench(model: TriggerModel, description: Mapping[str, Any]) -> bytes:
    """C++ test bench for the kernel of oneAPI."""
    ports = {"source": description["input"]["port"], "sink": description["output"]["port"]}
    return render("oneapi_bench.cpp", **_golden(model), **ports, top=description["top"], kernel=description["kernel"])


def _golden(model: TriggerModel) -> dict[str, object]:
    """Fields of every test bench."""
    label = f"the model {model.name} ({model.digest[:8]})"
    sizes = {"crossings": len(model.golden.scores), "words": len(model.features), "outputs": model.network.n_outputs}
    return {"model": label, **sizes}


def _makefile(backend: HlsBackend, top: str) -> bytes:
    """Makefile for a back end whose C++ any compiler can read."""
    program, _, arguments = backend.synthesis.partition(" ")
    rule, text = _implementation(backend)
    return render(
        "hls.mk",
        backend=backend.name,
        top=top,
        tool=f"C synthesis by {program}",
        program=program,
        # a command of several steps names its program once
        arguments=arguments.replace(program, "$(HLS)"),
        then=f" && cp {SMARTHLS_MAKEFILE} build/libero/Makefile" if backend.name == "libero" else "",
        includes=" ".join(f"-I{folder}" for folder in (backend.sources, *backend.headers)),
        implement_help=text,
        implement_target=" implement" if rule else "",
        implement_rule=rule,
    )


def _implementation(backend: HlsBackend) -> tuple[str, str]:
    """Rule of the Makefile for placement and routing, and what is said of it at the top; nothing where there is none."""
    if backend.types == "ap":
        rule = f"\nimplement: synth\n\tcd build/{backend.name} && $(VIVADO) -mode batch -source implement.tcl\n"
        return rule, f"# make implement  Vivado, out of context; reports in build/{backend.name}/reports\n\nVIVADO ?= vivado"
    if backend.name == "libero":
        return "\nimplement: synth\n\tcd build/libero && $(HLS) -a fpga\n", "# make implement  Libero, through SmartHLS\n"
    return "", ""


def _lines(rows: NDArray[Any]) -> bytes:
    cells: Sequence[Sequence[object]] = np.asarray(rows).tolist()
    return "".join(" ".join(str(value) for value in row) + "\n" for row in cells).encode()
