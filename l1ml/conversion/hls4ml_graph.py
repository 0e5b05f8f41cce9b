"""An hls4ml graph of an integer network, for one back end, and the files that hls4ml makes of it."""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import Any

from hls4ml.backends import get_backend
from hls4ml.model import ModelGraph
from hls4ml.model.layers import Dense

from l1ml.conversion.config import ConversionConfig, LayerChoice
from l1ml.conversion.hls4ml_generated import register_functions
from l1ml.conversion.hls4ml_layers import network_layers, quantiser_layer
from l1ml.conversion.hls4ml_names import hls_names
from l1ml.conversion.hls_backends import HlsBackend, find_hls_backend, microchip_family
from l1ml.conversion.project import project_files
from l1ml.errors import ConfigError, ConversionError, L1mlError, nearest
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model import Network
from l1ml.model.operations import Dense as DenseOperation

__all__ = ["network_graph", "rendered_files"]

_LINK = "link"
_PORT = "words"
_OUTPUT_DIR = "."
_NO_RESERVE = b"-CLOCK_UNCERTAINTY 0.0"
_NO_SOURCES = {"pdfdocs", "gdb", "tests"}
"""Folders of the number types that no compiler reads."""

_STAMPED = {"hls4ml_config.yml", "build_lib.sh", "CMakeLists.txt"}
"""Files that hold the random stamp of hls4ml."""

_RESERVE = "ClockUncertainty"
"""Setting of hls4ml; its writer of Catapult knows none and writes zero."""

_LOADED_WEIGHTS = re.compile(r"#ifndef __SYNTHESIS__\n    static bool loaded_weights.*?#endif\n", re.DOTALL)
_DECLARED_WEIGHTS = re.compile(r"#ifndef __SYNTHESIS__\n.*?#else\n(.*?)#endif\n", re.DOTALL)


def network_graph(network: Network, config: ConversionConfig, top: str) -> Any:
    """The hls4ml graph of `network`, every width inferred.

    Raises
    ------
    ConfigError
        If the choices for a layer cannot be followed.
    ConversionError
        If the back end cannot carry a layer.
    """
    backend = find_hls_backend(config.hls_backend)
    flow = register_functions(backend.hls4ml_name)
    hls4ml_backend = get_backend(backend.hls4ml_name)
    if config.io_type == "io_stream":
        _check_readers(network)
    layers = _with_link(network_layers(network, _PORT, backend, config.io_type), network.input_formats)
    own = _layer_choices(network, config)
    settings = hls4ml_backend.create_initial_config(
        part=config.part, clock_period=config.clock_ns, io_type=config.io_type, **_writer_options(backend, config.part)
    )
    settings |= {"OutputDir": _OUTPUT_DIR, "ProjectName": top, "Backend": backend.hls4ml_name, **_reserve(config, backend)}
    settings["HLSConfig"] = {
        # hls4ml wants a default precision; the bit-exact pass replaces every use of it
        "Model": {"Precision": {"default": "fixed<16,6>"}, "BitExact": True, **_choice(config.strategy, config.reuse_factor)},
        "LayerName": {name: _choice(item.strategy, item.reuse_factor) for name, item in own.items()},
        "Flows": [flow, hls4ml_backend.get_default_flow()],
    }
    try:
        with redirect_stdout(StringIO()):
            graph = ModelGraph.from_layer_list(settings, layers, [_PORT], [str(layers[-1]["name"])])
    except (AssertionError, NotImplementedError, ValueError) as error:
        if isinstance(error, L1mlError):
            raise
        msg = f"hls4ml refuses this network for {backend.name} with {config.io_type}: {' '.join(str(error).split())}"
        raise ConversionError(msg) from error
    _check_choices(graph, config, own)
    return graph


def _check_readers(network: Network) -> None:
    """Refuse a row that nothing reads: its stream fills and the design stops, though C simulation gives the right words."""
    read = {stage for node in network.nodes for stage in node.sources}
    for stage, node in enumerate(network.nodes[:-1], start=1):
        if stage not in read:
            msg = f"nothing reads layer {node.name!r}, which would stop a design of streams; leave it out, or use io_parallel"
            raise ConversionError(msg)


def _writer_options(backend: HlsBackend, part: str) -> dict[str, Any]:
    """Weights in the C++ and not in files that are read at run time: a wrong working folder would make them all zero."""
    if backend.name == "libero":
        # hls4ml looks for an installed SmartHLS unless it is told of one
        return {"write_weights_txt": False, "fpga_family": microchip_family(part), "smarthls_path": Path("$(SHLS_ROOT_DIR)")}
    return {} if backend.types == "ac" else {"write_weights_txt": False}


def _reserve(config: ConversionConfig, backend: HlsBackend) -> dict[str, str]:
    """What the schedule keeps in reserve of the clock period, as the tool writes it: a share, in Catapult ns."""
    share = config.clock_uncertainty
    if share is None:
        return {}
    return {_RESERVE: f"{100 * share:.10g}%" if backend.types == "ap" else f"{share * config.clock_ns:.3f}"}


def _choice(strategy: str | None, reuse_factor: int | None) -> dict[str, Any]:
    named = {"Strategy": strategy, "ReuseFactor": reuse_factor}
    return {key: value for key, value in named.items() if value is not None}


def _layer_choices(network: Network, config: ConversionConfig) -> dict[str, LayerChoice]:
    """Choices for the layers that are built otherwise, by hls4ml's names for them."""
    names = [node.name for node in network.nodes]
    dense = [node.name for node in network.nodes if isinstance(node.operation, DenseOperation)]
    spelled = dict(zip(names, hls_names(names), strict=True))
    for name in config.layers:
        if name not in dense:
            why = "has nothing to choose in HLS" if name in names else "is not in the network"
            msg = f"[conversion.layers.{name}]: layer {name!r} {why}; {nearest(name, dense)}"
            raise ConfigError(msg)
    return {spelled[name]: item for name, item in config.layers.items()}


def _check_choices(graph: Any, config: ConversionConfig, own: Mapping[str, LayerChoice]) -> None:
    """hls4ml takes the nearest strategy or reuse factor that it can build, without a word: refuse that for a layer, or tell."""
    for node in graph.get_layers():
        if not isinstance(node, Dense):
            continue
        choice = own.get(node.name)
        wanted = (choice and choice.strategy) or config.strategy, (choice and choice.reuse_factor) or config.reuse_factor
        built = str(node.get_attr("strategy", wanted[0])).lower(), int(node.get_attr("reuse_factor", wanted[1]))
        if built == wanted:
            continue
        asked, got = (f"strategy {strategy!r} with reuse_factor {factor}" for strategy, factor in (wanted, built))
        label = f"layer {node.name!r} ({node.get_attr('n_in')} to {node.get_attr('n_out')} words)"
        msg = f"{label}: hls4ml builds {got}, not {asked}"
        if choice is not None or built[0] != wanted[0]:
            raise ConfigError(msg)
        warnings.warn(msg, RuntimeWarning, stacklevel=2)


def _with_link(layers: Sequence[dict[str, Any]], formats: Sequence[FixedPoint]) -> list[dict[str, Any]]:
    """`layers` behind one that reads the words of the link, each in its own format.

    hls4ml gives all elements of a port one type; cutting each word to its own width, by wrapping, makes the range of every
    input known, and so every accumulator as narrow as it can be.
    """
    words = [FixedPoint.from_kif(*item.kif, Rounding.TRN, Overflow.WRAP) for item in formats]
    first, *rest = layers
    link = {**quantiser_layer(_LINK, words), "inputs": [_PORT]}
    moved = [{**layer, "inputs": [_LINK if name == _PORT else name for name in layer["inputs"]]} for layer in rest]
    return [first, link, *moved]


def rendered_files(graph: Any, backend: HlsBackend, stamp: str) -> dict[PurePosixPath, bytes]:
    """Files that hls4ml writes, with `stamp` for its random one and without the folder they were written to."""
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(StringIO()):
        graph.config.config["OutputDir"] = folder
        graph.write()
        found = project_files(Path(folder))
    random_stamp = str(graph.config.config["Stamp"])
    files = {}
    for path, content in found.items():
        if _NO_SOURCES & set(path.parts) or (path.suffix == ".txt" and path.parts[-2:-1] == ("weights",)):
            continue
        files[path] = content.replace(folder.encode(), _OUTPUT_DIR.encode())
        if path.name.endswith("_bridge.cpp"):
            files[path] = files[path].replace(f"_{random_stamp}".encode(), f"_{stamp}".encode())
        if path.name in _STAMPED:
            # YAML puts quotes around a random stamp that happens to look like a number; ours begins with a letter and never does
            plain = files[path].decode().replace(f"'{random_stamp}'", random_stamp)
            files[path] = plain.replace(random_stamp, stamp).encode()
    if backend.name != "catapult":
        return files
    script = PurePosixPath("build_prj.tcl")
    reserve = str(graph.config.config.get(_RESERVE, "0.0"))
    return _with_weights_inside(files) | {script: files[script].replace(_NO_RESERVE, f"-CLOCK_UNCERTAINTY {reserve}".encode())}


def _with_weights_inside(files: Mapping[PurePosixPath, bytes]) -> dict[PurePosixPath, bytes]:
    """Weights as initialised arrays in simulation too: hls4ml's Catapult project reads them from text files at run time there."""
    changed = dict(files)
    for path, content in files.items():
        text = content.decode(errors="replace")
        if path.parts[:2] == ("firmware", "weights") and path.suffix == ".h":
            text, n = _DECLARED_WEIGHTS.subn(r"\1", text)
        elif path.parts[:-1] == ("firmware",) and path.suffix == ".cpp":
            text, n = _LOADED_WEIGHTS.subn("", text)
        else:
            continue
        if n != 1:
            msg = f"{path} is not what hls4ml 1.3 writes for Catapult: {n} places where weights are read; another version?"
            raise ConversionError(msg)
        changed[path] = text.encode()
    return changed
