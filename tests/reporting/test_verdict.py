from __future__ import annotations

import copy

import pytest

from l1ml.reporting import Criteria
from l1ml.reporting.content import report_content
from l1ml.reporting.verdict import judge


@pytest.fixture
def good(content):
    """A report whose toy numbers meet every criterion."""
    return copy.deepcopy(content)


LENIENT = Criteria(min_gain_percent=0.01, max_relative_error=0.5)


def answer(content, name, criteria=LENIENT):
    return next(item for item in judge(content, criteria).criteria if item.name == name)


def test_everything_met_is_build(good):
    verdict = judge(good, LENIENT)
    assert verdict.decision == "build"
    assert [item.passed for item in verdict.criteria] == [True] * 7


def test_one_different_word_is_enough(good):
    good["verification"]["pairs"][2]["n_mismatched"] = 1
    assert answer(good, "Exact, bit for bit").passed is False
    assert judge(good, LENIENT).decision == "do not build"


def test_few_words_prove_nothing(good):
    good["verification"]["pairs"][0]["n_random"] = 99_999
    assert answer(good, "Exact, bit for bit").passed is False
    good["verification"]["pairs"] = []
    assert answer(good, "Exact, bit for bit").passed is False


@pytest.mark.parametrize(("cycles", "met"), [(12, True), (13, False)])
def test_latency(steps, cycles, met):
    steps["verification"]["latency"]["cycles"] = cycles
    assert answer(report_content("axo", steps), "Latency").passed is met


def test_without_rtl_simulation_the_verdict_is_open(steps):
    steps["verification"]["latency"] = None
    verdict = judge(report_content("axo", steps), LENIENT)
    assert verdict.decision == "undecided"


@pytest.mark.parametrize(
    ("found", "met"),
    [
        ((1.019, 0.01, 0.0), True),
        ((1.019, 0.01, None), None),
        ((0.97, 0.01, 0.0), None),
        ((1.01, 0.03, 0.0), None),
        ((0.95, 0.01, 0.0), False),
    ],
)
def test_a_background_estimate_closes_where_the_sample_can_tell(content, background, found, met):
    assert "Background estimate" not in {item.name for item in judge(content, LENIENT).criteria}
    background["rows"][0] |= dict(zip(("closure", "closure_error", "pileup_error"), found, strict=True))
    content["evaluation"]["background"] = background
    criterion = answer(content, "Background estimate")
    assert criterion.passed is met
    assert ("errors without that of the pool" in criterion.found) == (found[2] is None)
    assert "at 2 %" in criterion.found


def test_a_background_efficiency_that_is_not_resolved_leaves_the_answer_open(content, background):
    background["unresolved"] = [{"asked": 0.005, "reason": "no crossing is in region A"}]
    content["closure"] = {"background": background}
    assert answer(content, "Background estimate").passed is None
    background["rows"] = []
    assert answer(content, "Background estimate").found == "no background efficiency is resolved"


def test_throughput(steps):
    steps["verification"]["latency"]["interval_cycles"] = 7
    assert answer(report_content("axo", steps), "Throughput").passed is False


def test_the_largest_share_of_any_tool_decides(steps):
    steps["synthesis"]["reports"][0]["dsp"] = 6000
    found = answer(report_content("axo", steps), "Fits the device")
    assert found.passed is False
    assert "6,000 DSP; alkaid 0.8.2, estimate before synthesis" in found.found


def test_rates(good):
    row = good["menu"]["L1_AXO_tight"]
    row["rate_khz"], row["rate_error_khz"] = 80.0, 5.0
    assert answer(good, "Rates").passed is False
    row["rate_error_khz"] = 11.0
    assert answer(good, "Rates").passed is True


def test_a_rate_without_crossings_is_not_known(good):
    good["menu"]["L1_AXO_tight"] |= {"rate_khz": 0.0, "rate_is_upper_limit": True}
    assert answer(good, "Enough zero bias").passed is False


def test_gain_is_on_top_of_the_classical_seeds(good):
    for seeds in good["efficiency"].values():
        for name in ("L1_AXO_tight", "L1_AXO_loose"):
            seeds[name]["on_top"] |= {"efficiency": 0.0, "low": 0.0, "high": 0.001}
    assert answer(good, "Gain").passed is False


def test_caveats(good):
    assert any("place and route" in text for text in judge(good, LENIENT).caveats)
    good["synthesis"][0]["stage"] = "impl"
    assert not any("place and route" in text for text in judge(good, LENIENT).caveats)
