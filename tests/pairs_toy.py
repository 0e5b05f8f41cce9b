"""Small event files of gen/reco pairs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from l1ml.data import Events, EventWriter
from l1ml.data.jet_pairs import JET_PAIRS_SCHEMA, JET_QUANTITIES


def toy_pairs(n: int, rng: np.random.Generator, shift: float = 0.0) -> Events:
    """`n` jets of which a tenth is missed and a tenth is fake; all quantities are Gaussian, around `shift` + 5."""
    gen = {real.name: rng.normal(5.0 + shift, 1.0, (n, 1)).astype(np.float32) for real in JET_QUANTITIES}
    reco = {name: (values + rng.normal(0.0, 0.5, (n, 1))).astype(np.float32) for name, values in gen.items()}
    place = rng.random((n, 1))
    masks = {"gen_jet": place > 0.1, "reco_jet": place < 0.9}
    for mask, columns in ((masks["gen_jet"], gen), (masks["reco_jet"], reco)):
        for values in columns.values():
            values[~mask] = 0
    identity = rng.integers(0, 2**63, n, dtype=np.uint64)
    return Events(JET_PAIRS_SCHEMA, {"gen_jet": gen, "reco_jet": reco}, np.ones(n), identity, identity, masks=masks)


def write_pairs(path: Path, events: Events) -> Path:
    """`events` as a file."""
    with EventWriter(path, events.schema, process="toy", provenance={}) as writer:
        writer.append(events)
    return path
