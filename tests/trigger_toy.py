"""Small samples, scores, a menu and the step files of a whole run, for the tests of trigger and reporting."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data import LEVEL1_SCHEMA, Events
from l1ml.data.event_writer import EventWriter
from l1ml.hardware import DEVICES, FixedPoint
from l1ml.storage import write_json
from l1ml.trigger import Menu, MenuStudy, resolve_thresholds, study
from l1ml.trigger.menus.toml_menu import menu_from_mapping
from l1ml.trigger.performance import ScoredSample, classical_bits
from l1ml.trigger.performance.score_performance import ScorePerformance, score_performance

DIGEST = "ab" * 32
PART = "xcvu13p-flga2577-2-e"
KHZ = 2760 * 11.2456
SCORE_FORMAT = FixedPoint(18, 12, signed=False)

MENU: dict[str, Any] = {
    "name": "toy",
    "information": {"version": "7"},
    "object_cuts": {
        "MU-ETA_2p4": {"kind": "eta", "physical": [-2.4, 2.4]},
        "AXO-MODEL_axo": {"kind": "model", "text": "axo"},
        "AXO-SCORE_tight": {"kind": "score", "rate_khz": 60.0},
        "AXO-SCORE_loose": {"kind": "score", "rate_khz": 300.0},
    },
    "algorithm": [
        {"name": "L1_SingleMu22", "expression": "MU22[MU-ETA_2p4]"},
        {"name": "L1_DoubleEG_25_14", "expression": "comb{EG25, EG14}"},
        {"name": "L1_ETMHF100", "expression": "ETMHF100"},
        {"name": "L1_AXO_tight", "expression": "AXO[AXO-MODEL_axo, AXO-SCORE_tight]", "alternatives": "AXO"},
        {"name": "L1_AXO_loose", "expression": "AXO[AXO-MODEL_axo, AXO-SCORE_loose]", "alternatives": "AXO"},
    ],
}


def menu_with(*expressions: str, networks: Mapping[str, str] | None = None, **more: Any) -> Menu:
    """Menu of one algorithm for each expression, L1_0, L1_1, ...; `AXO[AXO-MODEL_axo, AXO-SCORE_5]` asks for a score of 5."""
    cuts = {"AXO-MODEL_axo": {"kind": "model", "text": "axo"}, "AXO-SCORE_5": {"kind": "score", "minimum": 5}}
    entries = [{"name": f"L1_{index}", "expression": text} for index, text in enumerate(expressions)]
    for index, keys in more.items():
        entries[int(index.removeprefix("L1_"))] |= keys
    content = {"name": "toy", "algorithm": entries, "object_cuts": cuts, "networks": dict(networks or {})}
    return menu_from_mapping(content, "menu.toml")


def events_of(**words: Any) -> Events:
    """Events from leading words: ``jet_pt=[[40, 20], [0, 0]]``; other slots and fields are empty."""
    n = len(next(iter(words.values())))
    collections = {
        item.name: {entry.column: np.zeros((n, item.n_slots), np.int32) for entry in item.fields}
        for item in LEVEL1_SCHEMA.objects
    }
    for key, rows in words.items():
        name, field = key.split("_")
        values = np.asarray(rows, dtype=np.int32)
        collections[name][f"hw_{field}"][:, : values.shape[1]] = values
    identity = np.arange(n, dtype=np.uint64)
    return Events(LEVEL1_SCHEMA, collections, np.ones(n), identity, identity)


def sample(n: int, seed: int, hardness: float, *, signal: bool) -> tuple[Events, NDArray[np.int64]]:
    """Crossings with a falling spectrum and score words that follow it; zero bias is weighted and has copies."""
    rng = np.random.default_rng(seed)
    scale = 8.0 + rng.exponential(20.0 * hardness, n)
    collections = {item.name: _objects(item, scale, rng) for item in LEVEL1_SCHEMA.objects}
    group = np.arange(n) if signal else rng.integers(0, n // 2, n)
    truth = {"gen_muon_pt": 0.2 * scale, "gen_egamma_pt": 0.3 * scale, "gen_met": 0.5 * scale, "gen_ht": 3.0 * scale}
    events = Events(
        LEVEL1_SCHEMA,
        collections,
        np.full(n, 1.0 / n) if signal else 1.0 / scale**2,
        np.arange(n, dtype=np.uint64),
        group.astype(np.uint64),
        {name: values.astype(np.float32) for name, values in truth.items()},
    )
    words = np.floor((scale * rng.lognormal(0.0, 0.4, n)) ** 2 / 4.0).astype(np.int64)
    return events, np.minimum(words, SCORE_FORMAT.max_word)


def _objects(item: Any, scale: NDArray[np.float64], rng: np.random.Generator) -> dict[str, NDArray[np.int32]]:
    share = {"met": 0.5, "egamma": 0.25, "muon": 0.12, "jet": 1.0}[item.name]
    shape = (scale.size, item.n_slots)
    pt = item.field("pt").scale.to_hw(share * scale[:, None] * rng.exponential(1.0, shape), "floor")
    pt = -np.sort(-np.where(rng.random(shape) < 0.7, pt, 0), axis=1)
    eta = np.zeros(shape) if item.name == "met" else item.field("eta").scale.to_hw(rng.normal(0.0, 1.2, shape), "nearest")
    phi = rng.integers(0, 576 if item.name == "muon" else 144, shape)
    return {f"hw_{name}": np.where(pt > 0, words, 0).astype(np.int32) for name, words in (("pt", pt), ("eta", eta), ("phi", phi))}


def toy_menu() -> Menu:
    """Three classical algorithms and two working points that still need thresholds."""
    return menu_from_mapping(MENU, "menu.toml")


def toy_study() -> MenuStudy:
    """Study of the toy menu on small samples."""
    zero_bias, words = sample(4000, 1, 1.0, signal=False)
    signals, scores = {}, {"zero_bias": {"axo": words}}
    for seed, (name, hardness) in enumerate({"haa4b": 1.5, "ttbar": 4.0}.items()):
        signals[name], found = sample(1500, 10 + seed, hardness, signal=True)
        scores[name] = {"axo": found}
    menu = resolve_thresholds(toy_menu(), scores["zero_bias"], zero_bias.weight, {"axo": DIGEST})
    return study(menu, zero_bias, signals, scores, {"axo": DIGEST}, score_formats={"axo": SCORE_FORMAT})


def toy_score(words: NDArray[np.int32]) -> NDArray[np.int64]:
    """Sum of all pt words: a network of one layer without a bias."""
    return words[:, ::3].sum(axis=1, dtype=np.int64)


def scored_processes() -> tuple[dict[str, Events], dict[str, ScoredSample]]:
    """Zero bias and two signals with the words of `toy_score` and the classical seeds of the toy menu."""
    events = {"zero_bias": sample(4000, 1, 1.0, signal=False)[0]}
    events |= {
        name: sample(600, seed, hardness, signal=True)[0] for seed, name, hardness in ((10, "haa4b", 1.5), (11, "ttbar", 4.0))
    }
    samples = {
        name: ScoredSample.of(name, item, toy_score(item.features()), classical_bits(toy_menu(), item).fired)
        for name, item in events.items()
    }
    return events, samples


def toy_performance() -> ScorePerformance:
    """Working points of `toy_score` at 60 and 300 kHz, and at 0.1 kHz, which the sample does not resolve."""
    events, samples = scored_processes()
    rng = np.random.default_rng(1)
    return score_performance(events, samples, toy_score, (0.1, 60.0, 300.0), KHZ, shift_percent=5.0, rng=rng)


def step_files() -> dict[str, dict[str, Any]]:
    """What the steps of a run write."""
    losses = [3.0 + 5.0 * math.exp(-epoch / 8.0) for epoch in range(30)]
    pairs = [
        {"a": a, "b": b, "n_words": 250_000, "n_mismatched": 0, "n_physics": 130_000, "n_random": 120_000}
        for a, b in combinations(("keras", "integers", "c_simulation", "rtl_simulation"), 2)
    ]
    counts = {"dsp": 0, "bram18": 0, "uram": 0, "clock_ns": 1000.0 / 240.0, "part": PART, "options": ""}
    estimate = {"tool": "alkaid", "version": "0.8.2", "stage": "estimate", "lut": 7031, "ff": 2100, "carry": None}
    yosys = {"tool": "yosys", "version": "0.70", "stage": "synth", "lut": 10213, "ff": 5012, "carry": 2214}
    events = [
        {
            "process": name,
            "path": f"events/{name}.h5",
            "digest": DIGEST,
            "generated": 4000,
            "kept": 3900,
            "seconds": 61.0,
            "cached": False,
        }
        for name in ("zero_bias", "haa4b", "ttbar")
    ]
    return {
        "events": {"processes": events, "schema": {}, "conditions": {"energy_gev": 13600.0, "pileup": 60.0}},
        "training": {
            "losses": {"loss": losses, "val_loss": [value + 0.1 for value in losses]},
            "seed": 1,
            "seconds": 62.0,
            "epochs": 30,
            "best_epoch": 28,
            "metrics": {"val_loss": 3.2},
            "model_digest": DIGEST,
        },
        "conversion": {"projects": {}, "model_digest": DIGEST},
        "verification": {
            "pairs": pairs,
            "latency": {"cycles": 9, "interval_cycles": 1, "clock_ns": 1000.0 / 240.0, "measured_by": "Verilator 5.048"},
            "model_digest": DIGEST,
        },
        "synthesis": {
            "reports": [
                {**estimate, **counts, "latency_cycles": 9, "interval_cycles": 1},
                {**yosys, **counts, "latency_cycles": None, "interval_cycles": None},
            ],
            "device": asdict(DEVICES[0]),
        },
        "decision": {**toy_study().to_dict(), "model_digest": DIGEST},
        "evaluation": {
            "classical": {"menu": "toy", "seeds": ["L1_SingleMu22", "L1_DoubleEG_25_14", "L1_ETMHF100"], "undecided": {}},
            "scores": {"axo": toy_performance().to_dict()},
            "model_digest": DIGEST,
        },
        "run": {
            "wall_s": {"events": 200.0, "training": 62.0},
            "peak_memory_mb": 2100.0,
            "versions": {"l1ml": "0.1.0"},
            "digests": {"model": DIGEST},
        },
    }


def write_steps(run_dir: Path, steps: dict[str, dict[str, Any]]) -> None:
    """Write each step's file."""
    for name, content in steps.items():
        write_json(run_dir / f"{name}.json", content)


def with_toy_crossings(model: Path, folder: Path) -> Path:
    """`folder` with the files of the shipped `model`, and a few thousand toy crossings as if they were of its recipe."""
    folder.mkdir()
    for name in ("model.toml", "menu.toml", "weights.keras", "golden.h5"):
        shutil.copy(model / name, folder / name)
    processes = []
    for seed, (name, hardness) in enumerate({"zero_bias": 1.0, "ttbar": 4.0}.items()):
        path = folder / "run" / "events" / f"{name}.h5"
        path.parent.mkdir(parents=True, exist_ok=True)
        events, _ = sample(3000, seed, hardness, signal=name != "zero_bias")
        with EventWriter(path, LEVEL1_SCHEMA, process=name, provenance={}) as writer:
            writer.append(events)
        processes.append({"process": name, "path": f"events/{name}.h5", "digest": "ab" * 32})
    write_json(folder / "run" / "events.json", {"processes": processes})
    return folder
