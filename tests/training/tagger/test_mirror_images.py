from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jet_networks import formats

from l1ml.data.constituent_words import constituents_schema
from l1ml.data.jet_words import JET_FEATURES_SCHEMA
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConfigError
from l1ml.training.tagger import ReferenceConfig, TaggerConfig
from l1ml.training.tagger.mirror_images import with_mirror_images
from l1ml.training.tagger.sample import JetSample


def images_of(words: np.ndarray, slots: int) -> np.ndarray:
    """Of the jets `words` (n, 3 slots): images (4, n, slots, 3)."""
    sample = JetSample(words.astype(np.float32), np.arange(len(words)))
    mirrored = with_mirror_images(sample, constituents_schema(slots))
    np.testing.assert_array_equal(mirrored.classes.reshape(4, -1), np.tile(sample.classes, (4, 1)))
    return mirrored.words.reshape(4, len(words), slots, 3)


@given(st.integers(1, 5), st.integers(0, 2**32))
def test_an_image_differs_in_the_signs_of_the_angles(slots: int, seed: int) -> None:
    words = random_words(formats(slots), 20, np.random.default_rng(seed))
    words = np.maximum(words, -127)  # the lowest word of eight bits has no opposite
    images = images_of(words, slots)
    np.testing.assert_array_equal(images[0].reshape(len(words), -1), words)
    for image, signs in zip(images, [(1, 1, 1), (1, 1, -1), (1, -1, 1), (1, -1, -1)], strict=True):
        np.testing.assert_array_equal(image, images[0] * signs)


def test_the_lowest_word_becomes_the_highest() -> None:
    np.testing.assert_array_equal(images_of(np.array([[7, -128, 5]]), 1)[3], [[[7, 127, -5]]])


def test_features_of_a_jet_have_no_images() -> None:
    with pytest.raises(ConfigError, match="architecture 'dense' reads 'jet_features', in which no mirror changes a word"):
        TaggerConfig(architecture="dense", mirrored=True)
    assert TaggerConfig(architecture="linear", mirrored=True).schema != JET_FEATURES_SCHEMA


def test_a_reference_with_widths_of_its_own() -> None:
    config = TaggerConfig(architecture="linear", embedding=(4, 4), reference=ReferenceConfig(embedding=(8, 6)))
    assert config.of_reference.embedding == (8, 6)
    assert TaggerConfig(architecture="linear", embedding=(4, 4)).of_reference.embedding == (4, 4)
    with pytest.raises(ConfigError, match=r"widths of embedding must be at least 1, received 16 and \[4, 4, 0\]"):
        TaggerConfig(architecture="linear", embedding=(4, 4), reference=ReferenceConfig(embedding=(0,)))
