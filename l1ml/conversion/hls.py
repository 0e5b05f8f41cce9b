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
    types = str(variables[0].type.name), str(variables[1].type.name)
    files |= hls_contents(model, backend, description, types, files)
    files[PurePosixPath("README.md")] = project_page(model, f"HLS ({backend.hls4ml_name})", description, _uses(backend))
    return FirmwareProject(model.name, backend.name, files, description)


def _description(
    model: TriggerModel, config: ConversionConfig, backend: HlsBackend, variables: tuple[Any, Any]
) -> dict[str, Any]:
    """What the manifest says."""
    formats = [_port_format(variable, backend) for variable in variables]
    ports = [variable.pipe_name if backend.name == "oneapi" else variable.name for variable in variables]
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
    return {**description, "io_type": config.io_type, **kernel}


def _uses(backend: HlsBackend) -> dict[str, str]:
    """Commands of the Makefile."""
    compiler = "Intel's emulator (icpx)" if backend.name == "oneapi" else "any C++17 compiler"
    uses = {
        "make sim": f"golden crossings through the C++, by {compiler}; fails if a word differs",
        "make synth": f"`{backend.synthesis}`",
    }
    if backend.types == "ap":
        uses["make implement"] = f"after `make synth`: Vivado out of context, reports in `build/{backend.name}/reports`"
    return uses


def _port_format(variable: Any, backend: HlsBackend) -> FixedPoint:
    """Format of an hls4ml variable; hls4ml gives a type of one bit a second one below it where types are ``ac_fixed``."""
    precision = variable.type.precision
    width = max(int(precision.width), 2 if backend.types == "ac" else 1)
    return FixedPoint(width, int(precision.integer), bool(precision.signed))
