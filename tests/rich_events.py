"""Events with everything that `Events` may have, for tests and for hypothesis."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from l1ml.data import Events, EventSchema, Field, ObjectSchema
from l1ml.data.event_layout import memory_type
from l1ml.data.schema import RealField
from l1ml.hardware import HardwareScale

__all__ = ["RICH_SCHEMA", "any_events", "any_schema", "filled_events", "rich_events"]

RICH_SCHEMA = EventSchema(
    "rich",
    1,
    (
        ObjectSchema(
            "jet", 3, (Field("pt", HardwareScale(0.5, 11, unit="GeV")), Field("eta", HardwareScale(0.0435, 8, signed=True)))
        ),
        ObjectSchema("algorithm", 64, (Field("bit", HardwareScale(1.0, 1)),)),
        ObjectSchema("tower", 2, (Field("word", HardwareScale(1.0, 24)),), (RealField("energy", "GeV"),)),
        ObjectSchema("constituent", 5, (), (RealField("pt", "GeV"), RealField("eta"))),
    ),
)


def filled_events(schema: EventSchema, n: int, rng: np.random.Generator) -> Events:
    """`n` crossings of random words over the whole width of every field."""
    collections = {}
    for item in schema.objects:
        shape = (n, item.n_slots)
        words = {
            entry.column: rng.integers(entry.scale.min_word, entry.scale.max_word, shape, endpoint=True).astype(
                memory_type(item, entry.scale)
            )
            for entry in item.fields
        }
        collections[item.name] = words | {real.column: rng.normal(size=shape).astype(np.float32) for real in item.reals}
    identity = rng.permutation(n).astype(np.uint64) + np.uint64(2**63)
    return Events(schema, collections, rng.random(n), identity, identity // np.uint64(2))


def rich_events(
    n: int, rng: np.random.Generator, *, optional: frozenset[str] = frozenset({"truth", "mask", "crossing"})
) -> Events:
    """`n` crossings of `RICH_SCHEMA` with the `optional` parts."""
    events = filled_events(RICH_SCHEMA, n, rng)
    return with_parts(events, rng, optional)


def with_parts(events: Events, rng: np.random.Generator, optional: frozenset[str]) -> Events:
    """`events` with optional parts; what a mask hides is zero."""
    n, last = len(events), events.schema.objects[-1]
    mask = rng.random((n, last.n_slots)) < 0.5
    collections = dict(events.collections)
    if "mask" in optional:
        collections[last.name] = {
            name: np.where(mask, values, 0).astype(values.dtype) for name, values in collections[last.name].items()
        }
    crossing = {"run": rng.integers(0, 2**40, n), "bx": rng.integers(0, 3564, n), "process": rng.integers(0, 2, n)}
    return Events(
        events.schema,
        collections,
        events.weight,
        events.event,
        events.group,
        {"gen_ht": rng.random(n).astype(np.float32)} if "truth" in optional else {},
        {last.name: mask} if "mask" in optional else {},
        crossing if "crossing" in optional else {},
        ("signal", "background") if "crossing" in optional else ("signal",),
    )


_SCALES = st.builds(HardwareScale, st.just(0.5), st.integers(1, 31), st.booleans())
_NAMES = st.sampled_from(["pt", "eta", "phi", "quality"])


@st.composite
def _objects(draw: st.DrawFn, name: str) -> ObjectSchema:
    fields = draw(st.dictionaries(_NAMES, _SCALES, max_size=3))
    reals = draw(st.lists(_NAMES, unique=True, min_size=0 if fields else 1, max_size=2))
    words = tuple(Field(key, scale) for key, scale in fields.items())
    return ObjectSchema(name, draw(st.integers(1, 4)), words, tuple(RealField(key, "GeV") for key in reals))


@st.composite
def any_schema(draw: st.DrawFn) -> EventSchema:
    """A schema of one to three objects with any widths."""
    names = draw(st.lists(st.sampled_from(["jet", "muon", "tower"]), unique=True, min_size=1))
    return EventSchema("any", 1, tuple(draw(_objects(name)) for name in names))


@st.composite
def any_events(draw: st.DrawFn) -> list[Events]:
    """Batches of one schema with the same optional parts."""
    schema = draw(any_schema())
    optional = draw(st.frozensets(st.sampled_from(["truth", "mask", "crossing"])))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return [
        with_parts(filled_events(schema, n, rng), rng, optional)
        for n in draw(st.lists(st.integers(1, 40), min_size=1, max_size=4))
    ]
