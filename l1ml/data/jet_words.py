"""Jets as a trigger would see them: integer words on fixed scales, instead of the real quantities of a generator.

A schema of such words names objects and fields of a sample of jets (`l1ml.data.generation.jet_samples`): `jet_words` makes the
words of exactly those, and leaves the rest behind. Classes stay with the jets, as the column ``process``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from l1ml.data.constituent_words import hardest_first
from l1ml.data.events import Events
from l1ml.data.readers.jet_arrays import HLF_NAMES
from l1ml.data.schema import EventSchema, Field, ObjectSchema
from l1ml.errors import SchemaError
from l1ml.hardware import HardwareScale

__all__ = ["JET_FEATURES_SCHEMA", "classes_of", "jet_words"]

_SCALES = {
    "zlogz": (2.0**-6, 186),
    "c1_b0_mmdt": (2.0**-10, -448),
    "c1_b1_mmdt": (2.0**-11, -75),
    "c1_b2_mmdt": (2.0**-12, -33),
    "c2_b1_mmdt": (2.0**-10, -46),
    "c2_b2_mmdt": (2.0**-12, -31),
    "d2_b1_mmdt": (2.0**-7, -170),
    "d2_b2_mmdt": (2.0**-6, -73),
    "d2_a1_b1_mmdt": (2.0**-7, -170),
    "d2_a1_b2_mmdt": (2.0**-9, -101),
    "m2_b1_mmdt": (2.0**-10, -94),
    "m2_b2_mmdt": (2.0**-11, -89),
    "n2_b1_mmdt": (2.0**-9, -147),
    "n2_b2_mmdt": (2.0**-9, -76),
    "mass_mmdt": (1.0, -68),
    "multiplicity": (1.0, -52),
}
"""Count and word of zero. A count is 1/32 to 1/64 of the width of the feature among 50,000 jets of ``l1ml data generate-jets --n
10000 --radius 0.4`` (seed 1), and word 0 its mean, rounded: no jet of that sample leaves the ten bits. mass_mmdt is in GeV."""

_BITS = 10

JET_FEATURES_SCHEMA = EventSchema(
    "jet_features",
    1,
    (
        ObjectSchema(
            "jet",
            1,
            tuple(
                Field(name, HardwareScale(lsb, _BITS, signed=True, unit="GeV" if name == "mass_mmdt" else "", offset=offset))
                for name, (lsb, offset) in ((name, _SCALES[name]) for name in HLF_NAMES)
            ),
        ),
    ),
)
"""The 16 high-level features of one jet, in the order of the hls4ml tutorial."""


def jet_words(jets: Events, schema: EventSchema) -> Events:
    """Words of `schema` for real `jets`: to the nearest count, halves to even, saturating; zero where no object is.

    Parameters
    ----------
    jets : Events
        Real quantities; of each object of `schema` those of largest pt, in falling order, where there are several with one.
    schema : EventSchema
        Its objects and fields are called as those of `jets`.

    Raises
    ------
    SchemaError
        If `jets` lack an object, a slot or a quantity of `schema`.
    """
    collections, masks = {}, {}
    for item in schema.objects:
        real = jets.schema.object(item.name)
        missing = [field.name for field in item.fields if field.name not in real.columns]
        if missing or real.n_slots < item.n_slots:
            has = f"{real.n_slots} {item.name} slots with {', '.join(real.columns)}"
            msg = (
                f"{schema.name} needs {item.n_slots} {item.name} slots with {', '.join(missing) or 'these'}; the jets have {has}"
            )
            raise SchemaError(msg)
        if real.n_slots > 1 and "pt" in real.columns:
            jets = hardest_first(jets, item.name)
        there = jets.valid(item.name)[:, : item.n_slots]
        columns = jets.collections[item.name]
        collections[item.name] = {
            field.column: _words(field, columns[field.name][:, : item.n_slots], there) for field in item.fields
        }
        if item.name in jets.masks:
            masks[item.name] = there
    return replace(jets, schema=schema, collections=collections, masks=masks, truth={})


def _words(field: Field, values: NDArray[np.floating], there: NDArray[np.bool_]) -> NDArray[np.int32]:
    return np.where(there, field.scale.to_hw(values, "nearest"), 0).astype(np.int32)


def classes_of(jets: Events) -> NDArray[np.int64]:
    """Class of each of `jets`, an index into its `processes`.

    Raises
    ------
    SchemaError
        If the sample does not say.
    """
    if "process" not in jets.crossing:
        msg = f"jets of schema {jets.schema.name!r} have no classes: the column 'process' is missing"
        raise SchemaError(msg)
    return jets.crossing["process"]
