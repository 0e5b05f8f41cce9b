from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser

import pytest
from trigger_toy import write_steps

from l1ml.reporting import Report, build_report
from l1ml.storage import write_json


@pytest.fixture(scope="module")
def folder(tmp_path_factory, made_steps):
    run = tmp_path_factory.mktemp("models") / "axo" / "run"
    write_steps(run, made_steps)
    build_report(run).write(run / "report")
    return run / "report"


def test_files(folder):
    names = {path.name for path in folder.iterdir()}
    assert {"report.json", "report.md", "report.html"} < names
    assert {name for name in names if name.endswith(".png")} == {
        "roc_axo.png",
        "score_axo.png",
        "rate_axo.png",
        "rate_objects.png",
        "working_points_axo.png",
        "stability_axo.png",
        "importance_axo.png",
        "turn_ons.png",
        "turn_ons_score.png",
        "features.png",
        "resources.png",
        "loss.png",
    }
    assert not [name for name in names if name.endswith(".part")]


def test_json_holds_what_was_promised(folder):
    content = json.loads((folder / "report.json").read_text())
    assert content["model"] == "axo"
    assert {"generated", "kept", "seconds"} <= set(content["events"]["zero_bias"])
    assert {"losses", "seed", "seconds"} <= set(content["training"])
    assert {"a", "b", "n_words", "n_mismatched"} <= set(content["verification"]["pairs"][0])
    assert {"cycles", "interval_cycles", "clock_ns", "measured_by"} <= set(content["latency"])
    assert {"tool", "version", "stage", "part", "lut", "ff", "dsp", "bram18", "carry"} <= set(content["synthesis"][0])
    promised = {"threshold", "rate_khz", "rate_error_khz", "pure_rate_khz", "pure_rate_error_khz", "n_events", "pure_n_events"}
    assert promised <= set(content["menu"]["L1_AXO_loose"])
    assert {"efficiency", "low", "high", "n_passed", "on_top", "total"} <= set(content["efficiency"]["ttbar"]["L1_AXO_loose"])
    assert {"wall_s", "peak_memory_mb", "versions", "digests"} <= set(content["run"])


def test_same_run_same_bytes(folder, tmp_path):
    Report(json.loads((folder / "report.json").read_text())).write(tmp_path)
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_html_is_whole_and_needs_no_network(folder):
    text = (folder / "report.html").read_text()
    assert not re.search(r"(src|href)\s*=\s*['\"]?(https?:|//)", text)
    assert "@import" not in text
    pictures = re.findall(r"src='data:image/png;base64,([^']+)'", text)
    assert [base64.b64decode(item)[:8] for item in pictures] == [b"\x89PNG\r\n\x1a\n"] * 12
    checker = _Balance()
    checker.feed(text)
    assert checker.open_tags == []


class _Balance(HTMLParser):
    """Which tags are still open."""

    def __init__(self) -> None:
        super().__init__()
        self.open_tags: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in {"meta", "img"}:
            self.open_tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open_tags.pop() == tag


def test_markdown_shows_verdict_rates_and_figures(folder):
    text = (folder / "report.md").read_text()
    assert text.startswith("# axo: ")
    assert "alkaid 0.8.2, estimate before synthesis" in text
    assert "yosys 0.70, synth (not Vivado)" in text
    for path in folder.glob("*.png"):
        assert f"]({path.name})" in text


def test_json_comes_first(content, tmp_path, monkeypatch):
    def fail(_content):
        raise MemoryError

    monkeypatch.setattr("l1ml.reporting.report.render_figures", fail)
    with pytest.raises(MemoryError):
        Report(content).write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_a_menu_without_scores_still_gives_a_report(steps, tmp_path):
    decision = steps["decision"]
    decision["rates"]["rows"] = [row for row in decision["rates"]["rows"] if row["kind"] == "classical"]
    decision |= {"roc": {}, "score_distributions": [], "models": {}}
    decision["rate_curves"] = [curve for curve in decision["rate_curves"] if curve["unit"]]
    decision["rates"]["with_score"] = {}
    steps["verification"]["latency"] = None
    write_steps(tmp_path / "axo" / "run", steps)
    report = build_report(tmp_path / "axo" / "run")
    assert report.decision == "undecided"
    assert "roc_axo.png" not in {path.name for path in report.write(tmp_path / "report")}


def test_write_json_refuses_nan(content, tmp_path):
    content["run"]["peak_memory_mb"] = float("nan")
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "report.json", content)
    assert list(tmp_path.iterdir()) == []
