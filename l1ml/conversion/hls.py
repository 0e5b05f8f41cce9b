"""A network as an HLS project: C++ for Vitis, written by hls4ml."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.conversion.config import ConversionConfig
from l1ml.conversion.description import OutputPort, describe
from l1ml.conversion.project import FirmwareProject, project_files, top_name
from l1ml.conversion.source import load_exact
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model import Network, TriggerModel

__all__ = ["hls_project"]

_TOOLS = ("hls4ml", "keras", "qkeras-v3")
_LINK = "link"
_PORT = "words"
_OUTPUT_DIR = "."
_TEST_BENCH_INPUTS = PurePosixPath("tb_data/tb_input_features.dat")
_TEST_BENCH_OUTPUTS = PurePosixPath("tb_data/tb_output_predictions.dat")


def hls_project(model: TriggerModel, config: ConversionConfig) -> FirmwareProject:
    """HLS project of `model`: hls4ml, Vitis back end, fully parallel, integer words in and score words out.

    The test bench of the project holds the golden crossings of the model.

    Raises
    ------
    ConversionError
        If a layer or quantiser has no exact fixed-point meaning; nothing is written then.
    ToolNotFoundError
        If hls4ml, Keras or QKeras is not installed.
    """
    network = load_exact(model)
    top = top_name(model.name)
    graph = _graph(network, config, top)
    files = {**_render(graph, f"m{model.digest[:8]}"), **_test_bench(model)}
    width = _port_format(graph.get_input_variables()[0]).width
    output = graph.get_output_variables()[0]
    description = describe(
        model,
        config,
        top=top,
        tools=_TOOLS,
        input_port=graph.get_input_variables()[0].name,
        input_widths=[width] * len(model.input_formats),
        output_port=OutputPort(output.name, _port_format(output)),
    )
    return FirmwareProject(model.name, "vitis", files, description)


def _graph(network: Network, config: ConversionConfig, top: str) -> Any:
    """The hls4ml graph, every width inferred."""
    require("hls4ml")
    from hls4ml.backends import get_backend
    from hls4ml.model import ModelGraph

    from l1ml.conversion.hls4ml_functions import register_functions
    from l1ml.conversion.hls4ml_layers import network_layers

    register_functions("Vitis")
    layers = _with_link(network_layers(network, _PORT), network.input_formats)
    settings = get_backend("Vitis").create_initial_config(
        part=config.part, clock_period=config.clock_ns, io_type="io_parallel", write_weights_txt=False
    )
    settings |= {"OutputDir": _OUTPUT_DIR, "ProjectName": top, "Backend": "Vitis"}
    strategy = {"ReuseFactor": config.reuse_factor, "Strategy": config.strategy}
    # hls4ml wants a default precision; the bit-exact pass replaces every use of it
    settings["HLSConfig"] = {"Model": {"Precision": {"default": "fixed<16,6>"}, "BitExact": True, **strategy}}
    return ModelGraph.from_layer_list(settings, layers, [_PORT], [str(layers[-1]["name"])])


def _with_link(layers: Sequence[dict[str, Any]], formats: Sequence[FixedPoint]) -> list[dict[str, Any]]:
    """`layers` behind one that reads the words of the link, each in its own format.

    hls4ml gives all elements of a port one type; cutting each word to its own width, by wrapping, makes the range of every
    input known, and so every accumulator as narrow as it can be.
    """
    from l1ml.conversion.hls4ml_layers import quantiser_layer

    words = [FixedPoint.from_kif(*item.kif, Rounding.TRN, Overflow.WRAP) for item in formats]
    first, *rest = layers
    link = {**quantiser_layer(_LINK, words), "inputs": [_PORT]}
    moved = [{**layer, "inputs": [_LINK if name == _PORT else name for name in layer["inputs"]]} for layer in rest]
    return [first, link, *moved]


def _render(graph: Any, stamp: str) -> dict[PurePosixPath, bytes]:
    """Files that hls4ml writes, without the random stamp and the folder they were written to."""
    with tempfile.TemporaryDirectory() as folder:
        graph.config.config["OutputDir"] = folder
        graph.write()
        files = project_files(Path(folder))
    random_stamp = str(graph.config.config["Stamp"])
    for name in (PurePosixPath("hls4ml_config.yml"), PurePosixPath("build_lib.sh")):
        text = files[name].decode()
        # YAML puts quotes around a random stamp that happens to look like a number; ours begins with a letter and never does
        unquoted = text.replace(f"'{random_stamp}'", random_stamp)
        files[name] = unquoted.replace(random_stamp, stamp).replace(folder, _OUTPUT_DIR).encode()
    return files


def _port_format(variable: Any) -> FixedPoint:
    """Format of an hls4ml variable."""
    precision = variable.type.precision
    return FixedPoint(int(precision.width), int(precision.integer), bool(precision.signed))


def _test_bench(model: TriggerModel) -> dict[PurePosixPath, bytes]:
    """Golden crossings for the C and RTL simulations of Vitis, one per line."""
    scores = model.output_format.from_words(model.golden.scores)
    return {_TEST_BENCH_INPUTS: _lines(model.golden.inputs), _TEST_BENCH_OUTPUTS: _lines(scores.reshape(len(scores), -1))}


def _lines(rows: NDArray[Any]) -> bytes:
    return "".join(" ".join(str(value) for value in row) + "\n" for row in np.asarray(rows).tolist()).encode()
