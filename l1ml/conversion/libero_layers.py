"""What hls4ml's Libero back end needs beside our layers: the kernel of a dense layer by name, copies of FIFOs, turned weights."""

from __future__ import annotations

from typing import Any

from hls4ml.backends.backend import get_backend
from hls4ml.backends.fpga.passes.clone import Clone
from hls4ml.backends.libero.passes.core_templates import DenseConfigTemplate
from hls4ml.backends.template import FunctionCallTemplate
from hls4ml.model.flow import register_flow
from hls4ml.model.optimizer import register_pass
from hls4ml.model.types import Source

from l1ml.conversion.libero_writer import LiberoProjectWriter

__all__ = ["LiberoSettings", "register_libero"]


class LiberoSettings(DenseConfigTemplate):  # type: ignore[misc]
    """hls4ml's configuration of a dense layer, and the kernel that hls4ml's function for arrays looks for there."""

    def format(self, node: Any) -> str:
        """The configuration."""
        head, end, rest = super().format(node).rpartition("};")
        kernel = f"using kernel = nnet::{_kernel(node)}<x_T, y_T, config_T>;"
        return f"{head}    template <class x_T, class y_T, class config_T> {kernel}\n{end}{rest}"


def _kernel(node: Any) -> str:
    """Class of hls4ml that builds a dense layer by its strategy; hls4ml gives no layer a reuse factor that neither can follow."""
    if str(node.get_attr("strategy")).lower() == "latency":
        return "DenseLatency"
    few = int(node.get_attr("reuse_factor")) <= int(node.get_attr("n_in"))
    return "DenseResource_rf_leq_nin" if few else "DenseResource_rf_gt_nin_rem0"


class _Copies(FunctionCallTemplate):  # type: ignore[misc]
    """How the top function copies a FIFO; hls4ml's own function for Libero makes three copies at most."""

    def __init__(self) -> None:
        super().__init__(Clone, include_header=[])

    def format(self, node: Any) -> str:
        """The call; hands its C++ to hls4ml's writer."""
        name = f"l1ml_{node.name}"
        node.set_attr("l1ml_codegen", Source(_copies_source(name, len(node.outputs))))
        sinks = ", ".join(node.variables[output].name for output in node.outputs)
        return f"nnet::{name}({node.get_input_variable().name}, {sinks});"


def _copies_source(name: str, n_outputs: int) -> str:
    """C++ function `name` that writes the row of one FIFO to each of `n_outputs`."""
    sinks = [f"sink_{index}" for index in range(n_outputs)]
    arguments = ", ".join(f"hls::FIFO<row_t> &{item}" for item in ("source", *sinks))
    lines = ["#pragma HLS function pipeline", "row_t row = source.read();", *(f"{sink}.write(row);" for sink in sinks)]
    body = "".join(f"    {line}\n" for line in lines)
    return f"\ntemplate <typename row_t> void {name}({arguments}) {{\n{body}}}\n"


def register_libero(flow: str) -> str:
    """Make the writer and the copies known to hls4ml; the flow to apply after `flow`.

    It copies FIFOs that several layers read, and turns the weights of the strategy ``resource`` as its kernels read them: hls4ml
    1.3.0 does both for Vitis, and for Libero writes a project whose words are wrong.
    """
    register_pass("l1ml_copies_template", _Copies(), backend="Libero")
    get_backend("Libero").writer = LiberoProjectWriter()
    copied = register_flow("l1ml_libero_copies", ["libero:clone_output"], requires=[flow])
    turned = ["vivado:apply_resource_strategy"]
    return str(register_flow("l1ml_libero_weights", turned, requires=[copied, "libero:init_layers"]))
