"""How hls4ml's top function calls a generated function: in a row, or as a task of oneAPI between pipes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hls4ml.backends.oneapi.oneapi_template import StreamFunctionCallTemplate, TaskSequenceTemplate
from hls4ml.backends.template import FunctionCallTemplate
from hls4ml.model.optimizer import register_pass

from l1ml.conversion.hls4ml_dialects import function_name

__all__ = ["register_calls"]


class _Call(FunctionCallTemplate):  # type: ignore[misc]
    """The call with arrays or streams."""

    def format(self, node: Any) -> str:
        """The call."""
        rows = [*(node.get_input_variable(name) for name in node.inputs), node.get_output_variable()]
        arguments = ", ".join([*(row.name for row in rows), *_weights(node)])
        return f"nnet::{function_name(node.name)}<{', '.join([*(row.type.name for row in rows), *_config(node)])}>({arguments});"


class _Task(TaskSequenceTemplate):  # type: ignore[misc]
    """The declaration of a task between pipes."""

    def format(self, node: Any) -> str:
        """The declaration."""
        rows = [*(node.get_input_variable(name) for name in node.inputs), node.get_output_variable()]
        types = ", ".join([*(row.pipe_name for row in rows), *_config(node)])
        return f"task_sequence<nnet::{function_name(node.name)}<{types}>> {node.name};"


class _Start(StreamFunctionCallTemplate):  # type: ignore[misc]
    """The start of a task between pipes."""

    def format(self, node: Any) -> str:
        """The start."""
        return f"{node.name}.async({', '.join(_weights(node))});"


def _weights(node: Any) -> list[str]:
    """Arrays that a layer hands over."""
    return [item.name for item in node.get_weights()]


def _config(node: Any) -> list[str]:
    """The struct with the sizes and types of a layer that has weights."""
    return [f"config{node.index}"] if node.get_weights() else []


def register_calls(layer: type, backend: str, headers: Sequence[str] = ()) -> None:
    """Make calls of the C++ that is part of a `layer` known to a back end of hls4ml, with the `headers` that it needs."""
    templates = [_Call(layer, include_header=list(headers))]
    if backend == "oneAPI":
        templates += [_Task(layer), _Start(layer)]
    for template in templates:
        register_pass(template.get_name(), template, backend=backend)
