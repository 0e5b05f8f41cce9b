"""Mirror images of jets: each is a jet as likely as the one that it shows, of the same class.

Beams of equal protons have no forward side, and strong interactions, which make and shape all of a jet that no flavour is read
of, do not tell left from right: the distances of the constituents from the axis may change sign, those in eta and those in phi
each together.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from l1ml.data import EventSchema
from l1ml.training.tagger.sample import JetSample

__all__ = ["has_mirror_images", "with_mirror_images"]

_ANGLES = ("eta_rel", "phi_rel")


def has_mirror_images(schema: EventSchema) -> bool:
    """Whether jets in `schema` have both distances from the axis."""
    return {field.name for item in schema.objects for field in item.fields}.issuperset(_ANGLES)


def with_mirror_images(sample: JetSample, schema: EventSchema) -> JetSample:
    """`sample`, shape (n, n_features), and after it its images in eta, in phi, and in both: (4 n, n_features).

    The lowest word of an angle, which has no opposite, becomes the highest one.
    """
    fields = [field for item in schema.objects for _ in range(item.n_slots) for field in item.fields]
    highest = np.array([field.scale.format.max_word for field in fields], np.float32)
    images = []
    for signs in product((1, -1), repeat=len(_ANGLES)):
        sign_of = dict(zip(_ANGLES, signs, strict=True))
        images.append(np.minimum(sample.words * np.array([sign_of.get(field.name, 1) for field in fields], np.float32), highest))
    return JetSample(np.concatenate(images), np.tile(sample.classes, len(images)))
