"""What a manifest says about a project: model, tools, ports and formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from l1ml.conversion.config import ConversionConfig
from l1ml.hardware import FixedPoint
from l1ml.model import TriggerModel

__all__ = ["OutputPort", "describe"]


@dataclass(frozen=True, slots=True)
class OutputPort:
    """Port that carries the score words, the first one in the lowest bits: its name and the format of each."""

    name: str
    format: FixedPoint


def describe(
    model: TriggerModel,
    config: ConversionConfig,
    *,
    top: str,
    tools: Sequence[str],
    input_port: str,
    input_widths: Sequence[int],
    output_port: OutputPort,
) -> dict[str, Any]:
    """Manifest entries that all back ends have.

    Parameters
    ----------
    model, config : TriggerModel, ConversionConfig
        What was converted, and how.
    top : str
        Top function or module.
    tools : sequence of str
        Distributions that took part; their versions are recorded.
    input_port : str
        Port that carries all input words, the first feature in the lowest bits.
    input_widths : sequence of int
        Bits of each input word on that port; at least those of its format (sign- or zero-extended).
    output_port : OutputPort
        Port of the score words, in the format of the port; ``format`` is the one that the model declares.
    """
    return {
        "model": {"name": model.name, "digest": model.digest, "schema_digest": model.schema_digest, "score": model.score},
        "tools": {name: version(name) for name in tools},
        "part": config.part,
        "clock_mhz": config.clock_mhz,
        "clock_ns": config.clock_ns,
        "config": config.to_dict(),
        "top": top,
        "input": {"port": input_port, "bits": sum(input_widths), "words": _words(model, input_widths)},
        "output": {
            "port": output_port.name,
            "n_words": model.network.n_outputs,
            "bits": model.network.n_outputs * output_port.format.width,
            "port_format": str(output_port.format),
            "format": str(model.output_format),
        },
    }


def _words(model: TriggerModel, widths: Sequence[int]) -> list[dict[str, Any]]:
    """Place and format of each input word on the port."""
    offsets = [sum(widths[:index]) for index in range(len(widths))]
    rows = zip(model.features, model.input_formats, offsets, widths, strict=True)
    return [{"feature": f, "format": str(form), "offset": offset, "width": width} for f, form, offset, width in rows]
