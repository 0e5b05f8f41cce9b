"""JEDI-linear (arXiv:2508.15468, section 4) with random weights: its shape is public, its weights and bit widths are not.

A jet of N constituents with M features each: a dense layer on each constituent, one on their mean added to another on each, a
third one on each, the sum of all, three dense layers and five outputs. Weights have 4 bits, activations 6; the share of weights
that are not zero is such that alkaid's cost of the whole comes within 3 % of the authors' own estimate for the trained network.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from l1ml.conversion import ConversionConfig, FirmwareProject
from l1ml.conversion.project import project_files

__all__ = ["SHAPES", "Shape", "jedi_project"]

_WEIGHT_BITS, _ACTIVATION_BITS, _INTEGER_BITS = 4, 6, 2
_WIDTH, _HEAD, _N_CLASSES = 64, (64, 32, 16), 5
_POOL_SCALE = 1 / 16


@dataclass(frozen=True, slots=True)
class Shape:
    """Constituents, features, share of non-zero weights, and the authors' estimate in LUT."""

    n: int
    m: int
    density: float
    published_lut: int

    @property
    def name(self) -> str:
        return f"{self.n}p{self.m}f"


SHAPES = (
    Shape(8, 3, 0.07665, 34_162),
    Shape(16, 16, 0.05261, 34_736),
    Shape(16, 3, 0.0635, 42_016),
    Shape(8, 16, 0.07016, 47_642),
)
"""All published shapes up to 50,000 LUT but 32p3f, whose cost jumps past the published one as weights are added."""


class _Layers:
    """Dense layers with weights of one random stream."""

    def __init__(self, density: float) -> None:
        self._density, self._source = density, np.random.default_rng(1)

    def dense(self, x: Any, width: int, *, rectify: bool = True) -> Any:
        from alkaid.trace.ops import relu

        shape, largest = (x.shape[-1], width), 2 ** (_WEIGHT_BITS - 1) - 1
        words = self._source.integers(1, largest, shape, endpoint=True) * self._source.choice([-1, 1], shape)
        words = words * (self._source.random(shape) < self._density)
        # a bias that is never negative keeps sparse layers alive
        bias = self._source.integers(0, 8, width) / 8
        y = x @ (words.astype(np.float64) / 2 ** (_WEIGHT_BITS - 1)) + bias
        if not rectify:
            return y
        return relu(y, i=np.int64(_INTEGER_BITS), f=np.int64(_ACTIVATION_BITS - _INTEGER_BITS), round_mode="RND")


@cache
def _logic(shape: Shape) -> Any:
    """Combinational program of the network."""
    from alkaid.trace import FVArrayInput, HWConfig, trace

    layers, size = _Layers(shape.density), (shape.n, shape.m)
    x = FVArrayInput(size, HWConfig(1, 1, -1), {"hard_dc": ConversionConfig().adder_depth})
    fraction = _ACTIVATION_BITS - _INTEGER_BITS - 1
    h = x.quantize(np.ones(size, int), np.full(size, _INTEGER_BITS), np.full(size, fraction), "WRAP", "TRN")
    h = layers.dense(h, _WIDTH)
    each = layers.dense(h, _WIDTH)
    mean = layers.dense(np.sum(h, axis=0, keepdims=True) * 2.0 ** -round(np.log2(shape.n)), _WIDTH)
    h = np.sum(layers.dense(each + mean, _WIDTH), axis=0) * _POOL_SCALE
    for width in _HEAD:
        h = layers.dense(h, width)
    return trace(x.ravel(), layers.dense(h, _N_CLASSES, rectify=False).ravel())


def jedi_project(shape: Shape) -> FirmwareProject:
    """RTL project of the network, with alkaid's cost as its estimate; it has no ports that an emulator knows."""
    from alkaid.codegen import RTLModel

    config = ConversionConfig()
    logic = _logic(shape)
    with tempfile.TemporaryDirectory() as folder:
        rtl = RTLModel(
            logic,
            Path(folder),
            "model",
            flavor="verilog",
            latency_cutoff=config.clock_ns,
            print_latency=False,
            part_name=config.part,
            clock_period=config.clock_ns,
            clock_uncertainty=config.rtl_clock_uncertainty,
        )
        rtl.write()
        files = project_files(Path(folder))
    sources = [path for path in files if path.parts[0] == "src" and path.suffix == ".v"]
    kept = {path: files[path] for path in sources if "wrapper" not in path.stem}
    description = {
        "top": "model",
        "part": config.part,
        "clock_ns": config.clock_ns,
        "config": config.to_dict(),
        "estimate": {"lut": round(logic.cost)},
    }
    return FirmwareProject(f"jedi_{shape.name}", "verilog", kept, description)
