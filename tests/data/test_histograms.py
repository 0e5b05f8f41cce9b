from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich_events import RICH_SCHEMA, rich_events

from l1ml.data import EventWriter
from l1ml.data.histograms import field_histograms


@pytest.fixture
def path(tmp_path: Path, rng: np.random.Generator) -> Path:
    events = rich_events(9000, rng)
    with EventWriter(tmp_path / "a.h5", RICH_SCHEMA, process=events.processes, provenance={}) as writer:
        writer.append(events)
    return tmp_path / "a.h5"


def test_every_object_is_counted_once(path: Path) -> None:
    from l1ml.data import read_events

    events = read_events(path)
    found = {(item.object_name, item.column): item for item in field_histograms(path)}
    assert list(found) == [
        ("jet", "hw_pt"), ("jet", "hw_eta"), ("algorithm", "hw_bit"), ("tower", "hw_word"), ("tower", "energy"),
        ("constituent", "pt"), ("constituent", "eta"),
    ]  # fmt: skip
    for number, name in enumerate(events.processes):
        mine = events.select(events.crossing["process"] == number)
        for item in ("jet", "constituent"):
            n = (mine.valid(item).sum(axis=1) * mine.weight).sum() / mine.weight.sum()
            column = found[item, "hw_pt" if item == "jet" else "pt"]
            np.testing.assert_allclose(column.values[name].sum(), n)
        bits = found["algorithm", "hw_bit"]
        rate = (mine.collections["algorithm"]["hw_bit"] * mine.weight[:, None]).sum(axis=0) / mine.weight.sum()
        np.testing.assert_allclose(bits.values[name], rate)


def test_errors_are_those_of_weighted_counts(path: Path) -> None:
    from l1ml.data import read_events

    events = read_events(path)
    item = next(item for item in field_histograms(path) if item.column == "hw_pt")
    mine = events.select(events.crossing["process"] == 0)
    words = item.edges / 0.5
    inside = (mine.collections["jet"]["hw_pt"] > words[3]) & (mine.collections["jet"]["hw_pt"] < words[4])
    expected = np.sqrt((inside * mine.weight[:, None] ** 2).sum()) / mine.weight.sum()
    np.testing.assert_allclose(item.errors["signal"][3], expected)


def test_a_picture_for_each_object(path: Path) -> None:
    pytest.importorskip("mplhep")
    from l1ml.reporting.event_figures import render_event_figures

    figures = list(render_event_figures(field_histograms(path), "a.h5"))
    assert [item.name for item in figures] == ["jet", "algorithm", "tower", "constituent"]
    assert all(item.png.startswith(b"\x89PNG") for item in figures)
