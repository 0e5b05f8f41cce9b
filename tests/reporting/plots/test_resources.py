from __future__ import annotations

import pytest

from l1ml.reporting.plots import plot_resources


def test_bars_are_shares_and_labels_say_whose_count_it_is(content):
    artists = plot_resources(content)
    assert list(artists.bars) == ["alkaid 0.8.2, estimate before synthesis", "yosys 0.70, synth (not Vivado)"]
    widths = [bar.get_width() for bar in artists.bars["yosys 0.70, synth (not Vivado)"]]
    assert widths[0] == pytest.approx(100 * 10213 / 1728000)
    assert "10,213 (0.59 %)" in [text.get_text() for text in artists.ax.texts]
    assert artists.ax.get_xlabel() == "share of xcvu13p-flga2577-2-e [%]"


def test_what_a_tool_did_not_count_has_no_bar(content):
    artists = plot_resources(content)
    assert len(artists.bars["alkaid 0.8.2, estimate before synthesis"]) == 5
    assert len(artists.bars["yosys 0.70, synth (not Vivado)"]) == 6
