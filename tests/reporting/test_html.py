from __future__ import annotations

import pytest

from l1ml.reporting.html import to_html
from l1ml.reporting.rendering import RenderedFigure
from l1ml.reporting.tables import report_tables


def test_text_is_escaped(content):
    content["run"]["versions"]["evil"] = "<script>alert(1)</script>"
    text = to_html(content, report_tables(content), [RenderedFigure("loss", "a < b", b"png")])
    assert "<script>" not in text
    assert "a &lt; b" in text
    assert "data:image/png;base64,cG5n" in text


@pytest.mark.parametrize(("decision", "tone"), [("build", "build"), ("do not build", "no"), ("undecided", "undecided")])
def test_the_box_has_the_tone_of_the_verdict(content, decision, tone):
    content["verdict"]["decision"] = decision
    assert f"<section class='verdict {tone}'><strong class='word'>{decision}<" in to_html(content, report_tables(content), [])


def test_unmeasured_latency_is_said(content):
    content["latency"] = None
    assert "not measured" in to_html(content, report_tables(content), [])
