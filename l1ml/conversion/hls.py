"""A network as an HLS project: C++ for one of hls4ml's back ends."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from l1ml._optional import require
from l1ml.conversion.config import ConversionConfig
from l1ml.conversion.description import OutputPort, describe
from l1ml.conversion.hls_backends import HlsBackend, find_hls_backend
from l1ml.conversion.hls_contents import hls_contents
from l1ml.conversion.project import FirmwareProject, top_name
from l1ml.conversion.readme import project_page
from l1ml.conversion.source import load_exact
from l1ml.hardware import FixedPoint
from l1ml.model import TriggerModel

__all__ = ["hls_project"]

_STAND_IN = "with hls4ml's `ap_fixed` in the place of `hls::ap_fixpt` (`firmware/stand_in`)"
_TOOLS = ("hls4ml", "keras", "qkeras-v3")


def hls_project(model: TriggerModel, config: ConversionConfig) -> FirmwareProject:
    """HLS project of `model` for the back end of `config`: integer words in and score words out.

    The test bench of the project holds the golden crossings of the model.

    Raises
    ------
    ConfigError
        If a choice of `config` names no layer, or one that cannot follow it.
    ConversionError
        If a layer or quantiser has no exact fixed-point meaning; nothing is written then.
    ToolNotFoundError
        If hls4ml, Keras or QKeras is not installed.
    """
    require("hls4ml")
    from l1ml.conversion.hls4ml_graph import network_graph, rendered_files

    network = load_exact(model)
    backend = find_hls_backend(config.hls_backend)
    graph = network_graph(network, config, top_name(model.name))
    variables = graph.get_input_variables()[0], graph.get_output_variables()[0]
    description = _description(model, config, backend, variables)
    files = rendered_files(graph, backend, f"m{model.digest[:8]}")
    types = _port_type(variables[0], backend, config), _port_type(variables[1], backend, config)
    files |= hls_contents(model, backend, description, types, files)
    files[PurePosixPath("README.md")] = project_page(model, f"HLS ({backend.hls4ml_name})", description, _uses(backend))
    return FirmwareProject(model.name, backend.name, files, description)


def _description(
    model: TriggerModel, config: ConversionConfig, backend: HlsBackend, variables: tuple[Any, Any]
) -> dict[str, Any]:
    """What the manifest says."""
    formats = [_port_format(variable, backend) for variable in variables]
    ports = [_port_name(variable, backend, config) for variable in variables]
    top = top_name(model.name)
    description = describe(
        model,
        config,
        top=top,
        tools=_TOOLS,
        input_port=ports[0],
        input_widths=[formats[0].width] * len(model.input_formats),
        output_port=OutputPort(ports[1], formats[1]),
    )
    # hls4ml names the class of a oneAPI kernel so
    kernel = {"kernel": "".join(part.title() for part in top.split("_"))} if backend.name == "oneapi" else {}
    # on a port of Libero a row is one transfer, whatever it is between two functions
    transfers = backend.name == "libero" or config.io_type == "io_stream"
    return {**description, "io_type": config.io_type, **kernel, "transfers": transfers}


def _port_name(variable: Any, backend: HlsBackend, config: ConversionConfig) -> str:
    """What hls4ml calls the port of a variable."""
    if backend.name == "oneapi":
        return str(variable.pipe_name)
    return f"{variable.name}_fifo" if _is_structure(backend, config) else str(variable.name)


def _port_type(variable: Any, backend: HlsBackend, config: ConversionConfig) -> str:
    """C++ type of a row, or of one of its words."""
    return str(variable.struct_name if _is_structure(backend, config) else variable.type.name)


def _is_structure(backend: HlsBackend, config: ConversionConfig) -> bool:
    """Whether an array passes the port as a structure, through a FIFO."""
    return backend.name == "libero" and config.io_type == "io_parallel"


def _uses(backend: HlsBackend) -> dict[str, str]:
    """Commands of the Makefile."""
    compilers = {"oneapi": "Intel's emulator (icpx)", "libero": f"any C++17 compiler, {_STAND_IN}"}
    compiler = compilers.get(backend.name, "any C++17 compiler")
    uses = {
        "make sim": f"golden crossings through the C++, by {compiler}; fails if a word differs",
        "make synth": f"`{backend.synthesis}`",
    }
    if backend.types == "ap":
        uses["make implement"] = f"after `make synth`: Vivado out of context, reports in `build/{backend.name}/reports`"
    if backend.name == "libero":
        uses["make synth"] += ": the golden crossings with Microchip's own numbers, then Verilog, in `build/libero/hls_output`"
        uses["make implement"] = "after `make synth`: `shls -a fpga`, synthesis, placement and routing by Libero"
    return uses


def _port_format(variable: Any, backend: HlsBackend) -> FixedPoint:
    """Format of an hls4ml variable; hls4ml gives a type of one bit a second one below it where types are ``ac_fixed``."""
    precision = variable.type.precision
    width = max(int(precision.width), 2 if backend.types == "ac" else 1)
    return FixedPoint(width, int(precision.integer), bool(precision.signed))
