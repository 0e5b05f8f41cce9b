"""Jets of five classes whose features say something about the class, without a generator."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from l1ml.data import Events, EventWriter
from l1ml.data.constituent_words import constituents_schema
from l1ml.data.generation.jet_samples.class_jets import CLASSES, ClassJetsConfig
from l1ml.data.jet_words import JET_FEATURES_SCHEMA, jet_words
from l1ml.data.readers.jet_arrays import HLF_NAMES

__all__ = ["constituent_jets", "real_jets", "word_jets", "write_real_jets"]


def real_jets(n: int, rng: np.random.Generator, config: ClassJetsConfig | None = None) -> Events:
    """`n` jets in the schema of a generated sample, two of each collision."""
    schema = (config or ClassJetsConfig()).schema
    group = np.arange(n, dtype=np.uint64) // 2
    classes = (group % np.uint64(len(CLASSES))).astype(np.int64)
    centre = np.linspace(-1, 1, len(CLASSES))[classes]
    scales = {field.name: field.scale for field in JET_FEATURES_SCHEMA.objects[0].fields}
    jet = {item.column: np.zeros((n, 1), np.float32) for item in schema.object("jet").reals}
    for index, name in enumerate(HLF_NAMES):
        counts = 60 * centre * (-1) ** index + rng.normal(0, 40, n)
        jet[name] = scales[name].to_physical(counts).astype(np.float32)[:, None]
    slots = schema.object("constituent").n_slots
    constituent = {item.column: np.zeros((n, slots), np.float32) for item in schema.object("constituent").reals}
    masks = {"constituent": np.zeros((n, slots), np.bool_)}
    columns = {"jet": jet, "constituent": constituent}
    weight, event = np.full(n, len(CLASSES) / n), np.arange(n, dtype=np.uint64)
    return Events(schema, columns, weight, event, group, {}, masks, {"process": classes}, CLASSES)


def word_jets(n: int, rng: np.random.Generator) -> Events:
    """The same as words of features."""
    return jet_words(real_jets(n, rng), JET_FEATURES_SCHEMA)


def constituent_jets(n: int, rng: np.random.Generator, slots: int) -> Events:
    """Words of `slots` constituents, the wider the later the class, two jets of each collision."""
    group = np.arange(n, dtype=np.uint64) // 2
    classes = (group % np.uint64(len(CLASSES))).astype(np.int64)
    angles = rng.normal(0, 5.0 * (1 + classes), (2, slots, n)).transpose(0, 2, 1)
    columns = {"hw_pt": rng.integers(1, 2000, (n, slots))}
    columns |= dict(zip(("hw_eta_rel", "hw_phi_rel"), np.clip(np.rint(angles), -127, 127), strict=True))
    words = {name: np.ascontiguousarray(values, np.int32) for name, values in columns.items()}
    crossing, event = {"process": classes}, np.arange(n, dtype=np.uint64)
    return Events(constituents_schema(slots), {"constituent": words}, np.ones(n), event, group, {}, {}, crossing, CLASSES)


def write_real_jets(path: Path, n: int, rng: np.random.Generator, config: ClassJetsConfig, digest: str) -> None:
    """A file of them that says it is the one of `digest`."""
    provenance = {"digest": digest, "generated": n // 2}
    with EventWriter(path, config.schema, process=CLASSES, provenance=provenance) as writer:
        writer.append(real_jets(n, rng, config))
