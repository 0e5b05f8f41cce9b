"""Trees of adders built for latency: the same words, never later, in programs of alkaid and in simulated RTL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import projects
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml._optional import require
from l1ml.conversion import ConversionConfig, FirmwareProject, rtl_project
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.rtl_simulation import RtlSimulation
from l1ml.emulation.stimuli import random_words

alkaid = require("alkaid.trace")
passes = require("alkaid.trace.passes")
rebuilt_for_latency = require("l1ml.conversion.adder_trees").rebuilt_for_latency

_THREE = 11
_BITS = 6
matrices = st.integers(1, 14).flatmap(
    lambda rows: st.lists(st.lists(st.integers(-40, 40), min_size=rows, max_size=rows), min_size=1, max_size=4)
)


def traced(weights: Any, depth: int = -1) -> Any:
    """Program of two layers: signed words times `weights`, shape (n_outputs, n_words); what is positive of it, added up."""
    kernel = np.array(weights, np.float64).T / 4.0
    words = alkaid.FVArrayInput((len(kernel),), alkaid.HWConfig(1, 1, -1), {"hard_dc": depth})
    link = words.quantize(*np.full((3, len(kernel)), [[1], [_BITS - 1], [0]]), "WRAP", "TRN")
    hidden = link @ kernel
    rectified = hidden.quantize(*np.full((3, kernel.shape[1]), [[0], [9], [1]]), "SAT", "TRN")
    sums = np.append(np.asarray(hidden).ravel(), np.asarray(rectified).sum())
    return alkaid.trace(words, alkaid.FVArray(sums, hidden.solver_options, hwconf=hidden.hwconf))


@settings(max_examples=60, deadline=None)
@given(weights=matrices.filter(np.any), depth=st.sampled_from([-1, 0, 2]), seed=st.integers(0, 99))
def test_every_word_is_the_same_and_none_is_later(weights: list[list[int]], depth: int, seed: int) -> None:
    logic = traced(weights, depth)
    rebuilt = rebuilt_for_latency(logic)
    ends = 2 ** (_BITS - 1)
    words = np.random.default_rng(seed).integers(-ends, ends, (300, len(weights[0]))).astype(np.float64)
    words[:2] = [[-ends], [ends - 1]]
    np.testing.assert_array_equal(rebuilt.predict(words), logic.predict(words))
    fused = passes.add_surrogate(passes.dead_code_elimin(passes.fuse_ternary_adders(logic)))
    assert rebuilt.latency[1] <= min(fused.latency[1], logic.latency[1])


def test_what_comes_late_is_added_last() -> None:
    """Of three words one has been through an adder already: a three-input adder would keep the other two waiting."""
    words = alkaid.FVArrayInput((4,), alkaid.HWConfig(1, 1, -1))
    link = words.quantize(*np.full((3, 4), [[0], [8], [0]]), "WRAP", "TRN")
    late = link[0] + link[1]
    sums = np.array([late, late + link[2] + link[3]])
    logic = alkaid.trace(words, alkaid.FVArray(sums, link.solver_options, hwconf=link.hwconf))
    rebuilt = rebuilt_for_latency(logic)
    assert not any(operation.opcode == _THREE for operation in rebuilt.ops)
    first, last = (rebuilt.ops[index].latency for index in rebuilt.out_idxs)
    assert first < last < 2.5 * first


@pytest.mark.parametrize("depth", [0, 2])
def test_the_estimate_is_of_less_logic_in_a_row(depth: int) -> None:
    plain, quick = (project(depth, trees).manifest["estimate"]["logic_ns"] for trees in ("area", "latency"))
    assert quick < plain


def test_simulated_rtl_gives_the_words_of_the_integers(tmp_path: Path) -> None:
    words = random_words(projects.FORMATS, 5000, np.random.default_rng(4))
    expected = IntegerEmulator(projects.small_model().network).predict(words)
    np.testing.assert_array_equal(RtlSimulation(project(0, "latency").write(tmp_path)).predict(words), expected)


def project(depth: int, trees: str) -> FirmwareProject:
    return rtl_project(projects.small_model(), ConversionConfig(adder_depth=depth, adder_trees=trees))
