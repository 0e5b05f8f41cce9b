"""report.html: one page with everything inside, which opens without a network."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from l1ml.reporting.markdown import ANSWERS
from l1ml.reporting.rendering import RenderedFigure
from l1ml.reporting.table import Table

__all__ = ["to_html"]

_CSS = """
:root { --good: #1a7f37; --bad: #b42318; --open: #9a6700; --line: #d0d7de; --soft: #f6f8fa; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; color: #1f2328; }
body { max-width: 1240px; margin: 0 auto; padding: 24px; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 32px 0 8px; border-bottom: 1px solid var(--line); }
.sub, .note, figcaption { color: #59636e; font-size: 13px; }
.verdict { border: 1px solid var(--line); border-left: 10px solid var(--tone); border-radius: 6px; }
.verdict { padding: 14px 18px; margin: 18px 0; background: var(--soft); }
.verdict strong.word { color: var(--tone); font-size: 24px; text-transform: uppercase; }
.build { --tone: var(--good); } .no { --tone: var(--bad); } .undecided { --tone: var(--open); }
.yes b { color: var(--good); } .fail b { color: var(--bad); } .unknown b { color: var(--open); }
table { border-collapse: collapse; margin: 8px 0; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 10px; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th:first-child, td:first-child, .criteria td, .criteria th { text-align: left; } th { background: var(--soft); }
.scroll { overflow-x: auto; } td { overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px; margin: 16px 0; }
.facts div { border: 1px solid var(--line); border-radius: 6px; padding: 10px 14px; }
.facts b { display: block; font-size: 20px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(440px, 1fr)); gap: 18px; }
figure { margin: 0; } figure.wide { grid-column: 1 / -1; }
img { width: 100%; height: auto; border: 1px solid var(--line); border-radius: 6px; }
"""

_TONES = {"build": "build", "do not build": "no", "undecided": "undecided"}
_ANSWER_CLASSES = {True: "yes", False: "fail", None: "unknown"}
_WIDE = {"features", "turn_ons"}


def to_html(content: Mapping[str, Any], tables: Sequence[Table], figures: Sequence[RenderedFigure]) -> str:
    """The report as one HTML page; styles and pictures are inside."""
    title = escape(f"{content['model']}: {content['verdict']['decision']}")
    body = [
        f"<h1>{escape(content['model'])}: should it be built?</h1>",
        f"<p class='sub'>{_subtitle(content)}</p>",
        _verdict(content["verdict"]),
        _facts(content),
        *(_table(table) for table in tables[:4]),
        "<h2>Figures</h2><div class='figures'>" + "".join(_figure(figure) for figure in figures) + "</div>",
        *(_table(table) for table in tables[4:]),
    ]
    head = f"<meta charset='utf-8'><meta name='viewport' content='width=device-width'><title>{title}</title><style>{_CSS}</style>"
    return f"<!doctype html>\n<html lang='en'><head>{head}</head>\n<body>\n" + "\n".join(body) + "\n</body></html>\n"


def _subtitle(content: Mapping[str, Any]) -> str:
    digests = ", ".join(f"{name} {digest[:12]}" for name, digest in content["models"].items())
    return escape(f"l1ml simulation, {content['label']['text']}. Model digest: {digests or 'none'}")


def _verdict(verdict: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr class='{_ANSWER_CLASSES[item['passed']]}'><td>{escape(item['name'])}</td><td>{escape(item['requirement'])}</td>"
        f"<td>{escape(item['found'])}</td><td><b>{ANSWERS[item['passed']]}</b></td></tr>"
        for item in verdict["criteria"]
    )
    head = "<tr><th>criterion</th><th>asked for</th><th>found</th><th>met</th></tr>"
    caveats = "".join(f"<li>{escape(caveat)}</li>" for caveat in verdict["caveats"])
    return (
        f"<section class='verdict {_TONES[verdict['decision']]}'><strong class='word'>{escape(verdict['decision'])}</strong>"
        f"<div class='scroll'><table class='criteria'>{head}{rows}</table></div><ul class='note'>{caveats}</ul></section>"
    )


def _facts(content: Mapping[str, Any]) -> str:
    """The few numbers that people ask for first."""
    latency = content["latency"]
    timing = f"{latency['latency_ns']:.1f} ns" if latency else "not measured"
    detail = f"{latency['cycles']} cycles, interval {latency['interval_cycles']}" if latency else "no RTL simulation"
    facts = [("latency", timing, detail), *_resource_facts(content["synthesis"])]
    facts.append(_WORTH[content["sample"]](content))
    return "<div class='facts'>" + "".join(_fact(*fact) for fact in facts) + "</div>"


def _classical(content: Mapping[str, Any]) -> tuple[str, str, str]:
    return "classical seeds", f"{content['menu_totals']['classical']['rate_khz']:.1f} kHz", "zero-bias rate"


def _accuracy(content: Mapping[str, Any]) -> tuple[str, str, str]:
    accuracy = content["tagging"]["accuracy"]
    return "accuracy", f"{100 * accuracy['efficiency']:.1f} %", f"of {accuracy['n_total']:,} test jets"


def _rejection(content: Mapping[str, Any]) -> tuple[str, str, str]:
    """At as many hits of tracks as counting neighbours keeps."""
    point = content["filtering"]["instead"]
    kept = f"at {100 * point['signal']['efficiency']:.1f} % of the hits of tracks"
    return "background rejected", f"{100 * (1 - point['background']['efficiency']):.1f} %", kept


_WORTH: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, str, str]]] = {
    "crossings": _classical,
    "jets": _accuracy,
    "hits": _rejection,
}
"""The figure of what a model is worth by the sample that it is trained on."""


def _fact(name: str, value: str, more: str) -> str:
    return f"<div>{escape(name)}<b>{escape(value)}</b><span class='note'>{escape(more)}</span></div>"


def _resource_facts(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """LUT of each report, with whose count it is."""
    return [("LUT", f"{row['lut']:,}", row["label"]) for row in rows if row.get("lut") is not None]


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in table.columns)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    note = f"<p class='note'>{escape(table.note)}</p>" if table.note else ""
    return f"<h2>{escape(table.title)}</h2><div class='scroll'><table><tr>{head}</tr>{rows}</table></div>{note}"


def _figure(figure: RenderedFigure) -> str:
    data = base64.b64encode(figure.png).decode("ascii")
    kind = " class='wide'" if figure.name in _WIDE else ""
    caption = escape(figure.caption)
    return f"<figure{kind}><img src='data:image/png;base64,{data}' alt='{caption}'><figcaption>{caption}</figcaption></figure>"
