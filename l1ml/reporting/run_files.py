"""The step files of a run, each with the verb that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from l1ml.errors import DataError
from l1ml.storage import read_json

__all__ = ["HIT_STEP_FILES", "JET_STEP_FILES", "OPTIONAL_FILES", "STEP_FILES", "read_run"]

STEP_FILES: Mapping[str, str] = {
    "events": "l1ml data generate",
    "training": "l1ml train",
    "conversion": "l1ml convert",
    "verification": "l1ml verify",
    "synthesis": "l1ml synth",
    "decision": "l1ml menu rates",
    "run": "l1ml run",
}
"""Verb that writes ``<step>.json`` of a model that is trained on crossings."""

JET_STEP_FILES: Mapping[str, str] = {name: verb for name, verb in STEP_FILES.items() if name != "decision"} | {
    "tagging": "l1ml run"
}
"""The same of a model that is trained on jets."""

HIT_STEP_FILES: Mapping[str, str] = {name: verb for name, verb in STEP_FILES.items() if name != "decision"} | {
    "filtering": "l1ml run"
}
"""The same of a model that is trained on hits."""

_FILES_OF = {"crossings": STEP_FILES, "jets": JET_STEP_FILES, "hits": HIT_STEP_FILES}

OPTIONAL_FILES = ("evaluation", "pileup", "closure")
"""What ``l1ml evaluate`` writes; a report goes without."""

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "events": ("processes",),
    "training": ("losses",),
    "conversion": (),
    "verification": ("pairs", "latency"),
    "synthesis": ("reports", "device"),
    "decision": ("menu", "rates", "efficiency", "roc"),
    "evaluation": ("classical", "scores"),
    "pileup": ("scores", "scale", "derived_at", "control"),
    "closure": ("zero_bias", "background", "shifts"),
    "filtering": ("classes", "counting", "instead", "n_derived", "hits"),
    "tagging": ("accuracy", "confusion", "classes", "reference"),
    "seeds": ("training", "family", "events", "asked", "seeds", "figures"),
    "run": ("wall_s", "peak_memory_mb", "versions", "digests"),
}


def read_run(run_dir: Path) -> dict[str, dict[str, Any]]:
    """Content of every step file in `run_dir`, by step.

    Raises
    ------
    DataError
        Naming the first file that is missing, is not JSON, lacks a key or belongs to another model, and the command that
        makes it.
    """
    events = _read(run_dir, "events")
    needed = _FILES_OF[events.get("sample", "crossings")]
    steps = {step: events if step == "events" else _read(run_dir, step) for step in needed}
    _check_model(run_dir, {step: content["model_digest"] for step, content in steps.items() if "model_digest" in content})
    return steps | _optional(run_dir, steps["training"].get("model_digest")) | _seeds(run_dir, steps)


def _optional(run_dir: Path, model: str | None) -> dict[str, dict[str, Any]]:
    """What there is beside the steps of a run; what is of another model is left out, since no run makes it again."""
    there = [name for name in OPTIONAL_FILES if (run_dir / f"{name}.json").is_file()]
    contents = {name: _read(run_dir, name) for name in there}
    return {name: content for name, content in contents.items() if content.get("model_digest") in (model, None)}


def _seeds(run_dir: Path, steps: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What ``l1ml seeds`` left, if it trained what this run trained, but for the seed, on the same events; else nothing."""
    if not (run_dir / "seeds.json").is_file():
        return {}
    content, metrics = _read(run_dir, "seeds"), steps["training"].get("metrics", {})
    training = {name: value for name, value in metrics.get("training", {}).items() if name != "seed"}
    here = (training, metrics.get("family"), [item["digest"] for item in steps["events"]["processes"]])
    return {"seeds": content} if (content["training"], content["family"], content["events"]) == here else {}


def _check_model(run_dir: Path, digests: Mapping[str, str]) -> None:
    """Refuse results of different models in one report; training decides which one is meant."""
    for step, digest in digests.items():
        expected = digests.get("training", digest)
        if digest != expected:
            msg = (
                f"{run_dir / step}.json is of model {digest[:12]}, training.json of model {expected[:12]}; "
                f"make it again with: {_verb(step)} {run_dir.parent}"
            )
            raise DataError(msg)


def _read(run_dir: Path, step: str) -> dict[str, Any]:
    command = f"{_verb(step)} {run_dir.parent}"
    path = run_dir / f"{step}.json"
    content: dict[str, Any] = read_json(path, command)
    missing = [key for key in _NEEDED[step] if key not in content]
    if missing:
        msg = f"{path} lacks {', '.join(missing)}; make it again with: {command}"
        raise DataError(msg)
    return content


def _verb(step: str) -> str:
    return {**STEP_FILES, **JET_STEP_FILES, **HIT_STEP_FILES, "seeds": "l1ml seeds"}.get(step, "l1ml evaluate")
