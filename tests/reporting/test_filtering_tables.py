from __future__ import annotations

from typing import Any

import pytest

from l1ml.reporting.filtering_tables import filtering_tables
from l1ml.reporting.html import to_html
from l1ml.reporting.plots import plot_hit_filter
from l1ml.reporting.verdict import Criteria, judge


def share(value: float, n: int = 10_000) -> dict[str, Any]:
    return {"efficiency": value, "low": value - 0.002, "high": value + 0.002, "n_passed": round(value * n), "n_total": n}


def point(threshold: int, signal: float, background: float, target: float = 0.95) -> dict[str, Any]:
    return {
        "wanted": "signal", "target": target, "threshold": threshold, "signal": share(signal), "background": share(background)
    }  # fmt: skip


def filtering(background: float = 0.25) -> dict[str, Any]:
    curve = {"threshold": [9, 5, 1], "signal": [0.6, 0.9, 1.0], "background": [0.05, 0.2, 1.0]}
    track = {"area": 0.93, "area_error": 0.001, "curve": curve, "points": [point(5, 0.9, 0.2, 0.9)], "unresolved": []}
    return {
        "classes": {"track": track},
        "counting": point(2, 0.96, 0.4),
        "instead": point(3, 0.96, background),
        "n_derived": 500,
        "n_tried": 2500,
        "hits": {"track": 9000, "background": 1000},
        "graph": {"detector": {"name": "sector"}, "possible_edges": 346, "neighbours": 10},
    }


def test_what_is_rejected_stands_beside_counting() -> None:
    (table,) = filtering_tables({"filtering": filtering()})
    assert [row[0] for row in table.rows] == ["2 neighbours or more, no score", "as many tracks", "90 % of the hits of tracks"]
    assert [row[3] for row in table.rows] == ["60.00 +0.20 -0.20", "75.00 +0.20 -0.20", "80.00 +0.20 -0.20"]
    assert "2,500 test crossings with 9,000 hits of tracks and 1,000 of background" in table.note


@pytest.mark.parametrize(("background", "passed"), [(0.25, True), (0.35, False)])
def test_the_verdict_asks_for_more_than_counting_rejects(background: float, passed: bool) -> None:
    pairs = [{"n_mismatched": 0, "n_physics": 60_000, "n_random": 60_000}]
    content = {
        "sample": "hits", "verification": {"pairs": pairs}, "latency": None, "synthesis": [], "device": {"part": "p"},
        "filtering": filtering(background),
    }  # fmt: skip
    verdict = judge(content, Criteria())
    assert verdict.criteria[0].passed
    assert "crossings of a kind: 60,000" in verdict.criteria[0].found
    criterion = verdict.criteria[-1]
    assert (criterion.name, criterion.passed) == ("Background", passed)
    assert any("toy" in caveat for caveat in verdict.caveats)


def test_the_page_says_what_is_rejected(content: dict[str, Any]) -> None:
    page = to_html(content | {"sample": "hits", "filtering": filtering()}, [], [])
    assert "background rejected<b>75.0 %</b><span class='note'>at 96.0 % of the hits of tracks" in page


def test_the_figure_has_the_curve_and_the_count() -> None:
    artists = plot_hit_filter(filtering())
    labels = [text.get_text() for text in artists.ax.get_legend().get_texts()]
    assert labels == ["track, AUC 0.9300 ± 0.0010", "2 neighbours or more, no score"]
