from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from tagger_toy import word_jets
from toy import toy_events

from l1ml._optional import require
from l1ml.data import LEVEL1_SCHEMA
from l1ml.errors import ConfigError
from l1ml.training import family_of
from l1ml.training.autoencoder import AutoencoderConfig, AutoencoderFormats
from l1ml.training.autoencoder.architecture import build_scorer
from l1ml.training.config import TrainingConfig
from l1ml.training.contrastive import ContrastiveConfig
from l1ml.training.double import DoubleConfig
from l1ml.training.float_twin import HasFloatTwin, float_twin
from l1ml.training.tagger import DistillationConfig, ReferenceConfig, TaggerConfig
from l1ml.training.vae.config import VaeConfig

keras, qkeras = require("keras"), require("qkeras")

SMALL: dict[str, Any] = {"hidden": (8,), "epochs": 3, "pruning_epochs": 2, "batch_size": 512}
CONFIGS = {
    "autoencoder": AutoencoderConfig(**SMALL, decoder=(6,)),
    "contrastive": ContrastiveConfig(**SMALL, features=4, encoder=(3,), latent=2, decoder=(3,), views=2),
    "double_autoencoder": DoubleConfig(**SMALL, decoder=(6,)),
    "vae": VaeConfig(**SMALL),
}
JETS = TaggerConfig(
    hidden=(6,),
    epochs=30,
    batch_size=256,
    fractions=(0.6, 0.2, 0.2),
    reference=ReferenceConfig((8,), epochs=2, batch_size=256),
    distillation=DistillationConfig(0.5),
)


def test_it_is_what_the_network_becomes_with_ever_finer_grids() -> None:
    formats = AutoencoderFormats(*(24, 8) * 6)
    config = AutoencoderConfig(hidden=(8,), decoder=(6,), quantisation=formats)
    shifts = np.full(len(LEVEL1_SCHEMA.features), 4)
    scorer = build_scorer(config, shifts, range(5))
    words = np.random.default_rng(1).integers(-100, 100, (200, len(shifts))).astype(np.float32)
    fine, floats = (np.asarray(model(words)) for model in (scorer, float_twin(scorer)))
    assert not np.array_equal(fine, floats)
    assert np.abs(fine - floats).max() < 1e-3 * np.abs(floats).max()


def test_nothing_of_qkeras_is_left() -> None:
    scorer = build_scorer(AutoencoderConfig(), np.zeros(57, np.int64), range(57))
    twin = float_twin(scorer)
    assert [layer.name for layer in twin.layers] == [layer.name for layer in scorer.layers]
    assert not any(type(layer).__module__.startswith("qkeras") for layer in twin.layers)
    assert [weight.shape for weight in twin.trainable_weights] == [weight.shape for weight in scorer.trainable_weights]


def test_another_layer_of_qkeras_is_refused() -> None:
    inputs = keras.Input((4, 1))
    model = keras.Model(inputs, qkeras.QConv1D(1, 2, name="window")(inputs))
    with pytest.raises(ConfigError, match="layer 'window' is a QConv1D; a float twin is made of QDense and QActivation"):
        float_twin(model)


@pytest.mark.parametrize("family", CONFIGS)
def test_families_train_it_again_to_the_same_scores(family: str) -> None:
    events, config = toy_events(2000, np.random.default_rng(5)), cast("TrainingConfig", CONFIGS[family])
    twin = cast("HasFloatTwin", family_of(family))
    words = events.features().astype(np.float32)
    first, second = (np.asarray(twin.float_scorer(events, config)(words)) for _ in range(2))
    assert first.shape == (2000, 2 if family == "double_autoencoder" else 1)
    assert len(np.unique(first)) > 500
    np.testing.assert_array_equal(first, second)


def test_a_tagger_in_floats_is_the_student_not_its_reference() -> None:
    jets, twin = word_jets(2500, np.random.default_rng(3)), cast("HasFloatTwin", family_of("tagger"))
    one, same, other = (
        twin.float_scorer(jets, config) for config in (JETS, JETS, replace(JETS, distillation=DistillationConfig(0.0)))
    )
    assert [layer.units for layer in one.layers if hasattr(layer, "units")] == [6, 5]
    words = jets.features().astype(np.float32)
    first, second, untaught = (np.asarray(model(words)) for model in (one, same, other))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, untaught)
    assert (first.argmax(axis=1) == jets.crossing["process"]).mean() > 0.4  # one in five by chance
