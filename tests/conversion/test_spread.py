from __future__ import annotations

from l1ml.conversion import SynthesisReport
from l1ml.conversion.spread import pairs, spread_of


def test_all_twenty_public_designs_are_there_with_the_errors_that_were_published() -> None:
    published = [pair for pair in pairs() if pair.weights == "published"]
    assert len(published) == 20
    errors = [100 * (pair.ratio - 1) for pair in published]
    assert (round(min(errors), 1), round(max(errors), 1)) == (-11.7, 3.2)


def test_each_row_says_where_it_is_from() -> None:
    for pair in pairs():
        assert pair.source
        assert pair.version
        assert pair.weights in {"public", "published", "random"}
        assert pair.reference_stage in {"synth", "impl"}
        assert 0.3 < pair.ratio < 3
    assert len({(pair.network, pair.tool) for pair in pairs()}) == len(pairs())


def test_the_spread_is_the_whole_range() -> None:
    for tool, stage in (("alkaid", "estimate"), ("Yosys", "synth"), ("Vitis HLS", "hls")):
        spread = spread_of(tool, stage)
        assert spread is not None
        family = {"alkaid": ("alkaid", "da4ml"), "Vitis HLS": ("Vivado HLS",)}.get(tool, (tool,))
        ratios = [pair.ratio for pair in pairs() if pair.tool in family]
        assert (spread.low, spread.high) == (min(ratios), max(ratios))


def test_the_spread_goes_with_every_figure_that_is_not_the_last_word() -> None:
    part = "xcvu13p-flga2577-2-e"
    estimate = SynthesisReport("estimate", "alkaid", "0.8.2", part, lut=1).to_dict()["spread"]
    assert set(estimate) == {"low", "high", "networks", "reference_stage", "text"}
    assert estimate["text"].endswith(f"of Vivado's impl LUT ({estimate['networks']} networks)")
    assert SynthesisReport("impl", "Vivado", "2023.2", part, lut=1).to_dict()["spread"] is None
