from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import numpy as np
import projects
import pytest

from l1ml._optional import require
from l1ml.conversion import ConversionConfig, hls_project
from l1ml.model.quantisers import read_quantiser

qkeras = require("qkeras")


def text_of(name: str) -> str:
    return projects.project("vitis").files[PurePosixPath(name)].decode()


def test_the_project_is_one_that_vitis_opens() -> None:
    names = {str(path) for path in projects.project("vitis").files}
    assert {"build_prj.tcl", "build_opt.tcl", "project.tcl", "vivado_synth.tcl", "small_top_test.cpp"} <= names
    assert {"firmware/small_top.cpp", "firmware/small_top.h", "firmware/defines.h", "firmware/ap_types/ap_fixed.h"} <= names
    assert 'set part "xcvu13p-flga2577-2-e"' in text_of("project.tcl")
    assert "set clock_period 4.166" in text_of("project.tcl")


def test_every_width_is_inferred_and_none_is_a_default() -> None:
    defines = text_of("firmware/defines.h")
    assert "fixed<16,6>" not in defines
    assert "ap_fixed<8,3,AP_RND_CONV,AP_SAT,0> scale_t" in defines
    assert "ap_ufixed<8,2,AP_RND_CONV,AP_SAT,0> dense_0_t" in defines
    assert "ap_fixed<7,3,AP_RND_CONV,AP_SAT_SYM,0> dense_2_t" in defines


def test_the_test_bench_holds_the_golden_crossings() -> None:
    golden = projects.small_model().golden
    inputs = np.loadtxt(text_of("tb_data/tb_input_features.dat").splitlines())
    np.testing.assert_array_equal(inputs, golden.inputs)
    scores = np.loadtxt(text_of("tb_data/tb_output_predictions.dat").splitlines())
    np.testing.assert_array_equal(projects.small_model().output_format.to_words(scores), golden.scores)


def test_the_random_stamp_of_hls4ml_is_the_digest_of_the_model() -> None:
    stamp = f"m{projects.small_model().digest[:8]}"
    assert f"LIB_STAMP={stamp}" in text_of("build_lib.sh")
    assert "OutputDir: .\n" in text_of("hls4ml_config.yml")


def test_another_clock_or_strategy_is_another_project() -> None:
    model = projects.small_model()
    made = projects.project("vitis")
    assert hls_project(model, ConversionConfig(clock_mhz=360.0)).digest != made.digest
    assert hls_project(model, ConversionConfig(strategy="resource", reuse_factor=2)).digest != made.digest


@pytest.mark.parametrize("modes", [{}, {"symmetric": 1}])
def test_other_users_of_hls4ml_keep_its_own_narrowing(modes: dict[str, Any]) -> None:
    from hls4ml.model.optimizer.passes.hgq_proxy_model import FixedPointQuantizer

    from l1ml.conversion import hls4ml_layers

    layer = hls4ml_layers.quantiser_layer("q", [read_quantiser(projects.bits(8, 2, **modes))] * 3)
    assert layer.pop("l1ml_declared") is True
    assert hls4ml_layers._narrowed_kif is not hls4ml_layers._declared_kif
    assert hls4ml_layers._produce_kif.dispatch(FixedPointQuantizer) is hls4ml_layers._declared_kif


@pytest.mark.parametrize("stamp", ["12345678", "1e234567", "abcdef01", "00000000"])
def test_the_random_stamp_of_hls4ml_leaves_no_trace(monkeypatch: pytest.MonkeyPatch, stamp: str) -> None:
    """YAML writes some of them in quotes, which once changed a project in one run out of twelve."""
    monkeypatch.setattr("hls4ml.model.optimizer.passes.stamp.uuid.uuid4", lambda: f"00000000-0000-0000-0000-0000{stamp}")
    assert hls_project(projects.small_model(), ConversionConfig()).digest == projects.project("vitis").digest
