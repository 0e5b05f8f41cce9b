"""The page of a project: what it is, its ports, how to simulate and synthesise it, and where its figures come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from l1ml.data import LEVEL1_SCHEMA
from l1ml.model import TriggerModel

__all__ = ["project_page"]

_BUILD = "All that is built goes to `build/`, which is no part of the project."


def project_page(model: TriggerModel, backend: str, description: Mapping[str, Any], uses: Mapping[str, str]) -> bytes:
    """README.md of a project.

    Parameters
    ----------
    model : TriggerModel
        What was converted.
    backend : str
        What the project is for.
    description : mapping
        Entries of the manifest.
    uses : mapping of str to str
        Commands and what each of them does.
    """
    tools = ", ".join(f"{name} {version}" for name, version in description["tools"].items())
    blocks = [
        f"# {model.name}: {backend} project",
        f"Made by `l1ml convert` with {tools}; `manifest.json` says the same to programs. Do not edit: make it again.",
        _table(("", ""), _facts(model, description)),
        "## Ports",
        _ports(description),
        _table(("feature", "bits of the port", "format", "one count is"), _inputs(model, description)),
        "## Use",
        _table(("command", ""), [(f"`{command}`", text) for command, text in uses.items()]),
        f"{len(model.golden.scores)} golden crossings; every score word is compared, without a tolerance. {_BUILD}",
        "## Figures",
        _figures(description),
    ]
    return ("\n\n".join(blocks) + "\n").encode()


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _facts(model: TriggerModel, description: Mapping[str, Any]) -> Sequence[tuple[str, ...]]:
    """What the project is, row by row."""
    config = description["config"]
    rows = [
        ("model", f"`{model.digest}`"),
        ("event schema", f"`{model.schema_digest}`"),
        ("score", model.score),
        ("top", f"`{description['top']}`"),
        ("part", f"{description['part']}"),
        ("clock", f"{description['clock_mhz']:g} MHz, {description['clock_ns']:g} ns"),
    ]
    if "io_type" in description:
        rows.append(("HLS", f"{description['io_type']}, strategy {config['strategy']}, reuse factor {config['reuse_factor']}"))
        rows += [(f"layer {name}", ", ".join(f"{k} {v}" for k, v in own.items() if v)) for name, own in config["layers"].items()]
    return rows


def _ports(description: Mapping[str, Any]) -> str:
    """Both ports in words."""
    inputs, output = description["input"], description["output"]
    n_words = output["n_words"]
    scores = "the score word" if n_words == 1 else f"{n_words} score words, the first one first or in the lowest bits,"
    declared = f"{output['port_format']}; the model declares {output['format']}"
    score = f"`{output['port']}`: {scores} in {output['bits']} bits, {declared}."
    if "clock_port" in description:
        words = f"`{inputs['port']}`: {inputs['bits']} bits, all words side by side, the first feature in the lowest bits."
        return f"`{description['clock_port']}`: clock, rising edge; no reset.\n\n{words}\n\n{score}"
    width = inputs["words"][0]["width"]
    carried = "one transfer" if description["transfers"] else "an array"
    words = f"`{inputs['port']}`: {carried} of {len(inputs['words'])} words of {width} bits, each sign- or zero-extended."
    return f"{words}\n\n{score}"


def _inputs(model: TriggerModel, description: Mapping[str, Any]) -> Sequence[tuple[str, ...]]:
    """Place, format and scale of each feature."""
    known = model.schema_digest == LEVEL1_SCHEMA.digest
    scales = dict(zip(LEVEL1_SCHEMA.features, LEVEL1_SCHEMA.feature_scales, strict=True)) if known else {}
    rows = []
    for word in description["input"]["words"]:
        scale = scales.get(word["feature"])
        count = f"{scale.lsb:.6g} {scale.unit}".strip() if scale else "as in the event schema"
        rows.append((word["feature"], f"{word['offset'] + word['width'] - 1}:{word['offset']}", word["format"], count))
    return rows


def _figures(description: Mapping[str, Any]) -> str:
    """What is known before any synthesis, and what is not."""
    estimate = description.get("estimate")
    ask = "`l1ml synth` counts cells with the tools that are there."
    if estimate is None:
        return f"None: hls4ml estimates neither resources nor latency. {ask}"
    name = f"alkaid {description['tools']['alkaid']}, cost model: an estimate, no synthesis"
    rows = [
        ("LUT", f"{estimate['lut']:,}", name),
        ("flip-flops", f"{estimate['ff']:,}", name),
        ("logic from input to score", f"{estimate['logic_ns']:g} ns", name),
        ("latency", f"{estimate['latency_cycles']} cycles", "alkaid; the test bench fails unless it is so"),
        ("interval", f"{estimate['interval_cycles']} cycle", "alkaid; the test bench sends a crossing in every cycle"),
    ]
    return f"{_table(('figure', 'value', 'source'), rows)}\n\n{ask}"
