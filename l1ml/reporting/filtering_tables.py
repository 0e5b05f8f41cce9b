"""The tables of a report about a filter of hits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from l1ml.reporting.formatting import percent, with_error
from l1ml.reporting.table import Table

__all__ = ["filtering_tables"]


def filtering_tables(content: Mapping[str, Any]) -> list[Table]:
    """What is rejected."""
    filtering = content["filtering"]
    (track,) = filtering["classes"].values()
    counting = filtering["counting"]
    points = [("as many tracks", filtering["instead"])]
    points += [(f"{100.0 * point['target']:g} % of the {_kind(point['wanted'])}", point) for point in track["points"]]
    alone = f"{counting['threshold']} neighbours or more, no score"
    rows = [(alone, "", percent(counting["signal"]), _rejected(counting["background"]))]
    rows += [(name, str(point["threshold"]), percent(point["signal"]), _rejected(point["background"])) for name, point in points]
    hits, graph = filtering["hits"], filtering["graph"]
    note = (
        f"Thresholds are derived on {filtering['n_derived']:,} validation crossings and tried on {filtering['n_tried']:,} test "
        f"crossings with {hits['track']:,} hits of tracks and {hits['background']:,} of background; errors are those of the test "
        f"crossings, each of them one draw. Area under the curve {with_error(track['area'], track['area_error'])}. The graph of "
        f"{graph['detector']['name']} has {graph['possible_edges']:,} possible edges, {graph['neighbours']} of a sensor."
    )
    columns = ("threshold for", "score [counts]", "hits of tracks kept [%]", "background rejected [%]")
    return [Table("Filter", columns, tuple(rows), note)]


def _kind(wanted: str) -> str:
    return "hits of tracks" if wanted == "signal" else "background"


def _rejected(kept: Mapping[str, Any]) -> str:
    return percent({"efficiency": 1 - kept["efficiency"], "low": 1 - kept["high"], "high": 1 - kept["low"]})
