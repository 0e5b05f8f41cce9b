"""Crossings whose jets carry four feature words, a tagger of three classes, and menus that cut on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from l1ml.data import Events
from l1ml.data.schema import EventSchema, Field, ObjectSchema
from l1ml.emulation.portable import PortableNetwork
from l1ml.hardware import GLOBAL_TRIGGER_SCALES, FixedPoint, HardwareScale
from l1ml.model import GoldenWords, Network
from l1ml.model.operations import Dense
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.toml_menu import menu_from_mapping
from l1ml.trigger.networks import BoundNetwork
from l1ml.trigger.object_networks import ObjectInputs

LABELS = ("b", "g", "top")
FEATURES = ("f0", "f1", "f2", "f3")
KERNEL = np.array([[3, -2, 0], [-1, 2, 1], [0, 1, -3], [2, 0, 1]])
BIAS = np.array([5, 0, -7])
N_SLOTS = 5

SCHEMA = EventSchema(
    "tagged",
    1,
    (
        ObjectSchema(
            "jet",
            N_SLOTS,
            (
                *(Field(name, scale) for name, scale in GLOBAL_TRIGGER_SCALES["jet"].items()),
                *(Field(name, HardwareScale(1.0, 8, signed=True)) for name in FEATURES),
            ),
        ),
    ),
)

CUTS: dict[str, Any] = {
    "JET-MODEL_tagger": {"kind": "model", "text": "tagger"},
    "JET-SCORE_b60": {"kind": "score", "minimum": 60, "output": "b"},
    "JET-SCORE_g0": {"kind": "score", "minimum": 0, "output": 1},
    "JET-SCORE_bg": {"kind": "score", "minimum": 40, "output": "b", "against": "g"},
    "JET-TAG_b": {"kind": "winner", "output": "b"},
    "JET-TAG_top": {"kind": "winner", "output": "top"},
    "JET-ETA_1": {"kind": "eta", "minimum": -23, "maximum": 23},
}
CORRELATIONS = {
    "DETA_MAX_1": {"kind": "deta", "minimum": 0, "maximum": 1001, "precision": 3},
    "ORM": {"kind": "orm_dr", "minimum": 0, "maximum": 250, "precision": 3},
}


def network() -> Network:
    """Four words of 8 bits to three logits."""
    return Network((FixedPoint(8, 8, signed=True),) * 4, (Dense(KERNEL, 0, BIAS, 0),))


def portable() -> PortableNetwork:
    """The tagger as a file of its own."""
    golden = np.zeros((1, 4), np.int32), BIAS[None, :].astype(np.int64)
    return PortableNetwork("toy_tagger", "0" * 64, FEATURES, network(), "logits", LABELS, GoldenWords(*golden))


def bound(**changes: Any) -> BoundNetwork:
    """The tagger on each jet."""
    own = portable()
    return BoundNetwork(
        **{"emulator": own.emulator, "digest": own.digest, "inputs": ObjectInputs("jet", FEATURES), "labels": LABELS} | changes
    )


def tagged_menu(*expressions: str, networks: Mapping[str, str] | None = None, **cuts: Any) -> Menu:
    """Menu of one algorithm for each expression, L1_0, L1_1, ...; ``JET20[T, JET-TAG_b]`` where T is the tagger."""
    entries = [
        {"name": f"L1_{index}", "expression": text.replace("[T,", "[JET-MODEL_tagger,")} for index, text in enumerate(expressions)
    ]
    content = {"name": "tags", "algorithm": entries, "object_cuts": {**CUTS, **cuts}, "correlation_cuts": CORRELATIONS}
    return menu_from_mapping({**content, "networks": dict(networks or {})}, "menu.toml")


def tagged_events(n: int, rng: np.random.Generator) -> Events:
    """`n` crossings of up to five jets, by falling pt; empty slots are all zero."""
    shape = (n, N_SLOTS)
    pt = -np.sort(-np.where(rng.random(shape) < rng.random((n, 1)), rng.integers(1, 200, shape), 0), axis=1)
    words = {"hw_pt": pt, "hw_eta": rng.integers(-115, 116, shape), "hw_phi": rng.integers(0, 144, shape)}
    words |= {f"hw_{name}": rng.integers(-40, 41, shape) for name in FEATURES}
    columns = {name: np.where(pt > 0, values, 0).astype(np.int32) for name, values in words.items()}
    identity = np.arange(n, dtype=np.uint64)
    return Events(SCHEMA, {"jet": columns}, np.ones(n), identity, identity)


def slow_scores(features: tuple[int, ...]) -> list[int]:
    """Logits of one jet in plain Python."""
    return [
        int(bias) + sum(int(weight) * word for weight, word in zip(column, features, strict=True))
        for column, bias in zip(KERNEL.T, BIAS, strict=True)
    ]
