from __future__ import annotations

import copy
from typing import Any

import pytest

from l1ml.errors import DataError
from l1ml.reporting.leaderboard_figure import render_leaderboard
from l1ml.reporting.leaderboard_table import leaderboard_table
from l1ml.reporting.plots.leaderboard import plot_leaderboard

PART = "xcvu13p-flga2577-2-e"
NAME = "ttbar at 1 kHz"


def count(tool: str, stage: str, lut: int) -> dict[str, Any]:
    return {"tool": tool, "version": "1", "stage": stage, "part": PART, "lut": lut, "ff": lut // 2, "dsp": 0}


def row(variant: str, value: float, counts: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    figures = {"ttbar at 1 kHz": {"value": value, "error": 0.02}, "ttbar AUC": {"value": 0.9, "error": 0.001}}
    empty = {"unresolved": {}, "latency": None, "words": None, "note": ""}
    return {
        "model": "axo",
        "variant": variant,
        "numbers": "some",
        "seed": 1,
        "figures": figures,
        "counts": counts,
        **empty,
        **more,
    }


CONTENT: dict[str, Any] = {
    "rate_khz": 1.0,
    "rows": [
        row("float", 0.25, []),
        row("8-bit", 0.125, [count("alkaid", "estimate", 5000)]),
        row(
            "shipped",
            0.2,
            [count("alkaid", "estimate", 1000), count("Yosys", "synth", 1250)],
            latency={"cycles": 10, "ns": 41.66, "source": "Verilator"},
            words={"compared": 226622, "pairs": 15, "different": 0},
        ),
        row("other", 0.0, [], figures={}, note="the family is not trained in floats"),
    ],
    "comparisons": [
        {
            "model": "axo",
            "variant": "8-bit",
            "lut_ratio": 5.0,
            "counted_by": "alkaid 1, estimate",
            "differences": {"ttbar at 1 kHz": {"value": 0.075, "error": 0.01}, "ttbar AUC": {"value": 0.0, "error": 0.1}},
        }
    ],
}


def test_each_row_says_what_is_an_estimate_and_what_is_missing() -> None:
    table = leaderboard_table(CONTENT)
    cells = [dict(zip(table.columns, cells, strict=True)) for cells in table.rows]
    assert cells[0]["worth [%]"] == "ttbar 25.0 ± 2.0"
    assert cells[0]["LUT"] == cells[0]["latency"] == "n/a"
    assert cells[1]["LUT"] == "5,000\nalkaid\nestimate"
    assert cells[1]["/ shipped"] == "x5.00\nalkaid"
    assert cells[1]["shipped - it"] == "+7.5 ± 1.0"
    assert cells[2]["LUT"] == "1,250\nYosys"
    assert cells[2]["latency"] == "10 cycles\n41.7 ns"
    assert cells[2]["words"] == "226,622\nin 15 pairs\n0 differ"
    assert cells[3]["worth [%]"] == "the family is not trained in floats"
    assert f"Yosys 1, synth: LUT were x1.00 to x1.08 of Vivado's impl LUT (5 networks), on {PART}. " in table.note
    assert "alkaid 1, estimate: LUT were x" in table.note
    assert "Latency: Verilator. " in table.note
    assert "Seed 1 of each training" in table.note


def test_the_figure_shows_every_variant_and_the_front() -> None:
    pytest.importorskip("matplotlib")
    artists = plot_leaderboard(CONTENT, NAME)
    plain, shipped = (artists.points["axo", variant, NAME].lines[0] for variant in ("8-bit", "shipped"))
    assert len(artists.points) == 2
    assert (plain.get_markerfacecolor(), plain.get_marker()) == ("white", "s")  # an estimate
    assert shipped.get_marker() == "o"
    assert list(artists.floats) == [("axo", NAME)]
    assert artists.front.get_xydata().tolist() == [[1250.0, 20.0], [5000.0, 20.0]]
    assert "estimate" in artists.ax.get_xlabel()


def test_each_score_of_a_model_is_a_point_of_its_own() -> None:
    pytest.importorskip("matplotlib")
    two = copy.deepcopy(CONTENT)
    shipped = two["rows"][2]
    shipped["figures"] = {f"axo.{i}: {NAME}": {"value": 0.1 + 0.1 * i, "error": 0.01} for i in range(2)}
    artists = plot_leaderboard(two, NAME)
    assert {name for _, variant, name in artists.points if variant == "shipped"} == {f"axo.0: {NAME}", f"axo.1: {NAME}"}


def test_a_figure_of_nothing_is_refused() -> None:
    pytest.importorskip("mplhep")
    assert render_leaderboard(CONTENT).startswith(b"\x89PNG")
    empty = copy.deepcopy(CONTENT)
    for item in empty["rows"]:
        item["figures"] = {}
    with pytest.raises(DataError, match="none of the 4 rows has a figure to draw"):
        render_leaderboard(empty)
