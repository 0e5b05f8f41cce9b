"""A network as an RTL project: pipelined Verilog with its Vivado scripts, written by alkaid."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.conversion.config import ConversionConfig
from l1ml.conversion.description import OutputPort, describe
from l1ml.conversion.project import FirmwareProject, project_files, top_name
from l1ml.conversion.source import load_exact
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model import TriggerModel

__all__ = ["rtl_project"]

_TOOLS = ("alkaid", "keras", "qkeras-v3")
_HARDWARE = (1, 1, -1)
"""alkaid's cost model: bits per adder cell, bits per carry cell, no latency limit inside one operation."""


def rtl_project(model: TriggerModel, config: ConversionConfig) -> FirmwareProject:
    """RTL project of `model`: Verilog that takes a new crossing in every clock cycle.

    The manifest holds alkaid's own estimate (``estimate``): LUT, flip-flops, latency. It is a cost model, no synthesis.

    Raises
    ------
    ConversionError
        If a layer or quantiser has no exact fixed-point meaning; nothing is written then.
    ToolNotFoundError
        If alkaid, Keras or QKeras is not installed.
    """
    keras_model = load_exact(model)
    top = top_name(model.name)
    logic = _trace(keras_model, model, config)
    with tempfile.TemporaryDirectory() as folder:
        rtl = _rtl_model(logic, Path(folder), top, config)
        rtl.write()
        files = {path: _normalised(path, content) for path, content in project_files(Path(folder)).items()}
    source, output = rtl.fsm.inp_signals[0], rtl.fsm.out_signals[0]
    k, i, f = (int(value) for value in output.precisions[0])
    description = describe(
        model,
        config,
        top=top,
        tools=_TOOLS,
        input_port=source.name,
        input_widths=_input_widths(source, model),
        output_port=OutputPort(output.name, FixedPoint.from_kif(k, i, f)),
    )
    return FirmwareProject(model.name, "verilog", files, {**description, "clock_port": "clk", "estimate": _estimate(rtl, output)})


def _trace(keras_model: Any, model: TriggerModel, config: ConversionConfig) -> Any:
    """Combinational program of the network, from the words on the link to the score."""
    require("alkaid")
    from alkaid.converter import trace_model
    from alkaid.trace import FVArrayInput, HWConfig, trace

    import l1ml.conversion.alkaid_plugin  # noqa: F401  registers the QKeras layers, installed or not

    options = {"hard_dc": config.adder_depth}
    words = FVArrayInput((1, len(model.input_formats)), HWConfig(*_HARDWARE), options)
    # alkaid defines an input by its first operation, which must be the word on the link: wrap and truncate
    k, i, f = np.array([item.kif for item in model.input_formats]).T[:, None, :]
    link = words.quantize(k, i, f, "WRAP", "TRN")
    (score,) = trace_model(keras_model, HWConfig(*_HARDWARE), options, inputs=link, dump=True)["final"]
    return trace(words.ravel(), score.ravel(), keep_dead_inputs=True)


def _rtl_model(logic: Any, folder: Path, top: str, config: ConversionConfig) -> Any:
    """The RTL writer of alkaid, with as many pipeline stages as the clock asks for."""
    from alkaid.codegen import RTLModel

    return RTLModel(
        logic,
        folder,
        top,
        flavor="verilog",
        latency_cutoff=config.latency_cutoff_ns or config.clock_ns,
        print_latency=False,
        part_name=config.part,
        clock_period=config.clock_ns,
        clock_uncertainty=config.clock_uncertainty,
    )


def _normalised(path: PurePosixPath, content: bytes) -> bytes:
    """`content` without the time stamp that gzip puts into its header."""
    return gzip.compress(gzip.decompress(content), mtime=0) if path.suffix == ".gz" else content


def _input_widths(source: Any, model: TriggerModel) -> list[int]:
    """Bits of each word on the packed input port, which must be those that the link carries."""
    found = [tuple(int(value) for value in precision) for precision in source.precisions]
    if found != [item.kif for item in model.input_formats]:
        msg = "alkaid changed the input formats; the first operation on an input must be the word on the link (wrap, truncate)"
        raise ConversionError(msg)
    return [item.width for item in model.input_formats]


def _estimate(rtl: Any, output: Any) -> dict[str, Any]:
    """Figures of alkaid's cost model; latency counts rising edges from the input on the port to the score on the port."""
    return {
        "lut": round(sum(part.cost for part in rtl.fsm.logic.values())),
        "ff": int(rtl.reg_bits),
        "latency_cycles": int(output.schedule.bias),
        "interval_cycles": int(output.schedule.period),
        "logic_ns": float(max(part.latency[1] for part in rtl.fsm.logic.values())),
    }
