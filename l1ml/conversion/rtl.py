"""A network as an RTL project: pipelined Verilog or VHDL with its Vivado scripts, written by alkaid."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.conversion.config import ConversionConfig
from l1ml.conversion.description import OutputPort, describe
from l1ml.conversion.project import FirmwareProject, project_files, top_name
from l1ml.conversion.readme import project_page
from l1ml.conversion.rtl_attributes import without_dsp
from l1ml.conversion.rtl_contents import rtl_contents
from l1ml.conversion.rtl_top import CLOCK_PORT, INPUT_PORT, OUTPUT_PORT, Kif, top_module
from l1ml.conversion.source import load_exact
from l1ml.errors import ConversionError
from l1ml.model import Network, TriggerModel

__all__ = ["rtl_project"]

_TOOLS = ("alkaid", "keras", "qkeras-v3")
_SCRIPTS = (".tcl", ".xdc", ".sdc")
_SUFFIX = {"verilog": "v", "vhdl": "vhd"}
_LABEL = {"verilog": "Verilog", "vhdl": "VHDL"}
_SIMULATOR = {"verilog": "Verilator", "vhdl": "GHDL"}
_USES = {
    language: {
        "make sim": f"golden crossings, one in every cycle, through the logic in {simulator}; fails if a word differs",
        "make synth": "cells by Yosys for UltraScale+, in `build/yosys/cells.txt`",
        "make implement": "Vivado out of context: synthesis, placement, routing; reports in `build/vivado`",
    }
    for language, simulator in _SIMULATOR.items()
}
_HARDWARE = (1, 1, -1)
"""alkaid's cost model: bits per adder cell, bits per carry cell, no latency limit inside one operation."""


def rtl_project(model: TriggerModel, config: ConversionConfig) -> FirmwareProject:
    """RTL project of `model`: Verilog or VHDL that takes a new crossing in every clock cycle.

    The manifest holds alkaid's own estimate (``estimate``): LUT, flip-flops, latency. It is a cost model, no synthesis.

    Raises
    ------
    ConversionError
        If a layer or quantiser has no exact fixed-point meaning; nothing is written then.
    ToolNotFoundError
        If alkaid, Keras or QKeras is not installed.
    """
    logic = _trace(load_exact(model), config)
    _check_golden(logic, model)
    language, top = config.rtl_language, top_name(model.name)
    core = f"{top.removesuffix('_top')}_core"
    with tempfile.TemporaryDirectory() as folder:
        rtl = _rtl_model(logic, Path(folder), core, config)
        rtl.write()
        files = _arrange(project_files(Path(folder)), core, top)
    if not config.use_dsp:
        files = {path: without_dsp(path, content) for path, content in files.items()}
    files[PurePosixPath(f"src/{top}.{_SUFFIX[language]}")] = _top_module(top, core, rtl, model, language).encode()
    description = describe(
        model,
        config,
        top=top,
        tools=_TOOLS,
        input_port=INPUT_PORT,
        input_widths=[item.width for item in model.input_formats],
        output_port=OutputPort(OUTPUT_PORT, model.output_format),
    )
    description |= {"clock_port": CLOCK_PORT, "estimate": _estimate(rtl)}
    latency = int(description["estimate"]["latency_cycles"])
    files |= rtl_contents(model, language, top, latency=latency, clock_ns=config.clock_ns, use_dsp=config.use_dsp)
    files[PurePosixPath("README.md")] = project_page(model, f"RTL ({_LABEL[language]})", description, _USES[language])
    return FirmwareProject(model.name, language, files, description)


def _trace(network: Network, config: ConversionConfig) -> Any:
    """Combinational program of the network, from the words on the link to the score."""
    require("alkaid")
    from l1ml.conversion.adder_trees import rebuilt_for_latency
    from l1ml.conversion.alkaid_operations import has_lost_a_sign

    logic = _traced(network, config)
    if has_lost_a_sign(logic):
        logic = _traced(network, config, rectified=True)
    return rebuilt_for_latency(logic) if config.adder_trees == "latency" else logic


def _traced(network: Network, config: ConversionConfig, *, rectified: bool = False) -> Any:
    from alkaid.trace import FVArrayInput, HWConfig, trace

    from l1ml.conversion.alkaid_operations import apply_operation

    words = FVArrayInput((1, len(network.input_formats)), HWConfig(*_HARDWARE), {"hard_dc": config.adder_depth})
    # alkaid defines an input by its first operation, which must be the word on the link: wrap and truncate
    k, i, f = np.array([item.kif for item in network.input_formats]).T[:, None, :]
    stages = [words.quantize(k, i, f, "WRAP", "TRN")]
    for node in network.nodes:
        stages.append(apply_operation(node, [stages[index] for index in node.sources], rectified=rectified))
    return trace(words.ravel(), stages[-1].ravel())


def _check_golden(logic: Any, model: TriggerModel) -> None:
    """Refuse a program that does not give the golden scores; alkaid runs it bit by bit as the RTL will."""
    found = logic.predict(model.golden.inputs.astype(np.float64))
    expected = model.output_format.from_words(model.golden.scores).reshape(found.shape)
    wrong = (found != expected).any(axis=1)
    if wrong.any():
        msg = f"alkaid's program gives another score for {int(wrong.sum())} of {len(wrong)} golden crossings of {model.name!r}"
        raise ConversionError(msg)


def _rtl_model(logic: Any, folder: Path, top: str, config: ConversionConfig) -> Any:
    """The RTL writer of alkaid, with as many pipeline stages as were asked for, by number or by the clock."""
    from alkaid.codegen import RTLModel

    return RTLModel(
        logic,
        folder,
        top,
        flavor=config.rtl_language,
        n_stages=config.stages or -1,
        latency_cutoff=-1 if config.stages else config.latency_cutoff_ns or config.clock_ns,
        print_latency=False,
        part_name=config.part,
        clock_period=config.clock_ns,
        clock_uncertainty=config.rtl_clock_uncertainty,
        ternary_fuse=config.adder_trees == "area",
    )


def _arrange(files: Mapping[PurePosixPath, bytes], core: str, top: str) -> dict[PurePosixPath, bytes]:
    """Files of alkaid around `top`: scripts and constraints name it, and the bench that needs make is left out."""
    kept = {path: content for path, content in files.items() if path.parts[0] != "sim" and path.stem != f"{core}_wrapper"}
    arranged = {}
    for path, content in kept.items():
        if path.suffix in _SCRIPTS:
            text = content.decode().replace(core, top).replace("model_inp", INPUT_PORT).replace("model_out", OUTPUT_PORT)
            arranged[path.with_name(path.name.replace(core, top))] = text.encode()
        else:
            # gzip puts a time stamp into its header
            arranged[path] = gzip.compress(gzip.decompress(content), mtime=0) if path.suffix == ".gz" else content
    return arranged


def _top_module(top: str, core: str, rtl: Any, model: TriggerModel, language: str) -> str:
    """The module with the declared ports."""
    reads, gives = ([_kif(item) for item in signals[0].precisions] for signals in (rtl.fsm.inp_signals, rtl.fsm.out_signals))
    inputs = list(zip(model.features, model.input_formats, reads, strict=True))
    return top_module(top, core, inputs, (model.output_format, gives), language)


def _kif(precision: Any) -> Kif:
    k, i, f = (int(value) for value in precision)
    return k, i, f


def _estimate(rtl: Any) -> dict[str, Any]:
    """Figures of alkaid's cost model; latency counts rising edges from the words on the port to the scores on the port."""
    schedule = rtl.fsm.out_signals[0].schedule
    return {
        "lut": round(sum(part.cost for part in rtl.fsm.logic.values())),
        "ff": int(rtl.reg_bits),
        "stages": len(rtl.fsm.logic),
        "latency_cycles": int(schedule.bias),
        "interval_cycles": int(schedule.period),
        "logic_ns": float(max(part.latency[1] for part in rtl.fsm.logic.values())),
    }
