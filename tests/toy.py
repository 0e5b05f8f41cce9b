"""Small synthetic crossings for tests: falling pt spectra, flat angles, right word ranges. Not physics."""

from __future__ import annotations

import numpy as np

from l1ml.data import LEVEL1_SCHEMA, Events

__all__ = ["toy_events"]


def toy_events(n: int, rng: np.random.Generator, *, hardness: float = 1.0) -> Events:
    """`n` crossings; `hardness` stretches the pt spectra as a signal would."""
    collections = {}
    for item in LEVEL1_SCHEMA.objects:
        pt_scale = item.field("pt").scale
        there = rng.random((n, item.n_slots)) < (1.0 if item.name == "met" else 0.6)
        pt = np.minimum(1 + rng.exponential(40 * hardness, (n, item.n_slots)), pt_scale.max_word).astype(np.int32)
        order = np.argsort(-np.where(there, pt, 0), axis=1, kind="stable")
        columns = {"hw_pt": np.take_along_axis(np.where(there, pt, 0), order, axis=1)}
        for name in ("eta", "phi"):
            scale = item.field(name).scale
            high = round(2 * np.pi / scale.lsb) - 1 if name == "phi" else scale.max_word * scale.signed
            low = -high if scale.signed else 0
            words = rng.integers(low, high, (n, item.n_slots), endpoint=True, dtype=np.int32)
            columns[f"hw_{name}"] = np.where(columns["hw_pt"] > 0, words, 0)
        collections[item.name] = {key: values.astype(np.int32) for key, values in columns.items()}
    identity = np.arange(n, dtype=np.uint64)
    return Events(LEVEL1_SCHEMA, collections, np.full(n, 1 / n), identity, identity)
