"""The linear network on public jets, those of the L1 jet identification of arXiv:2402.01876: 2,000 of them, five classes.

Five times four fifths of the jets and their mirror images train, and the rest is tried on, so that each jet is judged once by a
network that did not see it. Nothing chooses an epoch: the last of 30 counts. One seed, one thread; Keras 3.15.1, TensorFlow
2.21.0, QKeras for Keras 3; widths 24-24 on each constituent and 24 on their mean, words of `l1ml.data.constituent_words`:

=======  ============  ======================
numbers  constituents  accuracy, %, binomial
=======  ============  ======================
floats   8             56.0 +- 1.1
floats   16            59.5 +- 1.1
floats   32            62.4 +- 1.1
8 bits   16            57.6 +- 1.1
=======  ============  ======================

The four networks of eight bits that are public with the jets have 61.1, 61.7 and 55.8 % on the same ones (dense, 8, 16 and 32
constituents) and 75.7 % (Deep Sets, 32), trained on jets that are not here. The row of 8 constituents took 28 s of one core.

Run with: pytest tests/benchmarks/test_public_jets.py --benchmark-only --benchmark-json=public.json
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jet_networks import EIGHT_BITS, network
from numpy.typing import NDArray
from public_jets import public_jets, with_error
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml._optional import require
from l1ml.determinism import seed_everything
from l1ml.training.tagger.config import TaggerConfig
from l1ml.training.tagger.layers import FloatLayers, Layers
from l1ml.training.tagger.mirror_images import with_mirror_images
from l1ml.training.tagger.sample import JetSample, logits_of

FOLDS = 5
KINDS: dict[str, Layers] = {"floats": FloatLayers(), "eight_bits": EIGHT_BITS}


def trained(config: TaggerConfig, layers: Layers, sample: JetSample) -> Any:
    keras = require("keras")
    seed_everything(config.seed)
    model = network(config, layers, config.hidden)
    mirrored = with_mirror_images(sample, config.schema)
    rate = keras.optimizers.schedules.CosineDecay(
        config.learning_rate, config.epochs * -(-len(mirrored.words) // config.batch_size)
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=loss)
    model.fit(mirrored.words, mirrored.classes, batch_size=config.batch_size, epochs=config.epochs, verbose=0)
    return model


def judged(config: TaggerConfig, layers: Layers, jets: JetSample) -> NDArray[np.bool_]:
    """Which of `jets` the network is right about that did not see them."""
    right = np.zeros(len(jets.words), np.bool_)
    fold = np.random.default_rng(1).permutation(len(right)) % FOLDS
    for index in range(FOLDS):
        own, other = ((jets.words[mask], jets.classes[mask]) for mask in (fold == index, fold != index))
        model = trained(config, layers, JetSample(*other))
        right[fold == index] = logits_of(model, own[0]).argmax(axis=1) == own[1]
    return right


@pytest.mark.parametrize(("slots", "kind"), [(8, "floats"), (16, "floats"), (32, "floats"), (16, "eight_bits")])
def test_cross_validated(benchmark: BenchmarkFixture, real_data: Path, slots: int, kind: str) -> None:
    jets = public_jets(real_data / "l1-jetid-constituents", slots)
    config = TaggerConfig(
        architecture="linear", slots=slots, embedding=(24, 24), hidden=(24,), epochs=30, batch_size=256, learning_rate=0.004
    )
    right = benchmark.pedantic(judged, (config, KINDS[kind], jets), rounds=1)
    benchmark.extra_info.update(with_error(right))
    assert right.mean() > 0.4  # one in five by chance
