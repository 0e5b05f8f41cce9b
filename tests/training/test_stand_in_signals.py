from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stopped_training import Stopped, stop_after
from toy import toy_events

from l1ml.data import LEVEL1_SCHEMA, Events
from l1ml.errors import ConfigError
from l1ml.training import TrainingConfig, family_of
from l1ml.training.autoencoder import AutoencoderConfig
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.contrastive import ContrastiveConfig
from l1ml.training.stand_in_signals import SCALE, STAND_INS, merged, rarity, scaled
from l1ml.training.vae import VaeConfig


def only_jets(pt: list[list[int]]) -> Events:
    """Crossings with these jets, hardest first, whose eta is their pt; and met."""
    words, n = np.array(pt, np.int32), len(pt)
    columns = {
        item.name: {entry.column: np.zeros((n, item.n_slots), np.int32) for entry in item.fields}
        for item in LEVEL1_SCHEMA.objects
    }
    for name in ("hw_pt", "hw_eta"):
        columns["jet"][name][:, : words.shape[1]] = words
    number = np.arange(n, dtype=np.uint64)
    return Events(LEVEL1_SCHEMA, columns, np.ones(n), number, number)


def test_two_crossings_at_once_have_the_hardest_objects_of_both() -> None:
    events = only_jets([[30, 10], [25, 20]])
    found = merged(events, np.random.default_rng(1)).collections["jet"]
    for name in ("hw_pt", "hw_eta"):
        assert found[name][:, :5].tolist() == [[30, 25, 20, 10, 0]] * 2


@pytest.mark.parametrize(
    ("phi", "sum_of_both"), [((0, 0), (70, 0)), ((0, 72), (10, 0)), ((0, 36), (50, 15)), ((36, 108), (10, 36))]
)
def test_missing_energy_is_added_as_vectors(phi: tuple[int, int], sum_of_both: tuple[int, int]) -> None:
    events = only_jets([[0], [0]])
    met = events.collections["met"]
    met["hw_pt"][:, 0], met["hw_phi"][:, 0] = (40, 30), phi
    found = merged(events, np.random.default_rng(1)).collections["met"]
    assert (found["hw_pt"][0, 0], found["hw_phi"][0, 0]) == sum_of_both
    met["hw_pt"][:] = met["hw_pt"] * 0 + LEVEL1_SCHEMA.object("met").field("pt").scale.max_word
    largest = merged(events, np.random.default_rng(1)).collections["met"]["hw_pt"]
    assert largest.max() <= LEVEL1_SCHEMA.object("met").field("pt").scale.max_word


def test_scaled_energies_double_and_saturate_and_nothing_appears() -> None:
    most = LEVEL1_SCHEMA.object("jet").field("pt").scale.max_word
    found = scaled(only_jets([[most, 40, 3]]), np.random.default_rng(1)).collections["jet"]
    assert found["hw_pt"][0, :4].tolist() == [most, 40 * SCALE, 3 * SCALE, 0]
    assert found["hw_eta"][0, :4].tolist() == [most, 40, 3, 0]


@pytest.mark.parametrize("name", STAND_INS)
def test_stand_ins_are_words_that_a_link_can_carry(name: str, rng: np.random.Generator) -> None:
    events = toy_events(500, rng)
    found = STAND_INS[name](events, rng)
    words = found.features()
    formats = found.schema.feature_formats
    assert (words >= [item.min_word for item in formats]).all()
    assert (words <= [item.max_word for item in formats]).all()
    energies = [column for column, feature in enumerate(found.schema.features) if feature.endswith("_pt")]
    assert words[:, energies].sum() > 1.2 * events.features()[:, energies].sum()


def test_rarity_is_the_mean_logarithm_of_the_share_above() -> None:
    background, weight = np.arange(10.0), np.ones(10)
    assert rarity(np.array([0.0]), background, weight) == 0
    assert rarity(np.array([5.0, 9.0]), background, weight) == pytest.approx((np.log10(2) + 1) / 2)
    assert rarity(np.array([100.0]), background, weight) == pytest.approx(1)  # no share below that of one crossing is known
    heavy = np.where(background == 9, 11.0, 1.0)
    assert rarity(np.array([9.0]), background, heavy) == pytest.approx(np.log10(20 / 11))
    assert rarity(np.array([1.0]), np.ones(10), weight) == 0  # a score that is always the same knows nothing


@pytest.mark.slow
@pytest.mark.parametrize("config", [VaeConfig(), AutoencoderConfig()], ids=["vae", "autoencoder"])
def test_a_training_keeps_the_epoch_of_the_largest_rarity(config: TrainingConfig, tmp_path: Path) -> None:
    pytest.importorskip("qkeras")
    events = toy_events(2500, np.random.default_rng(5))
    config = replace(config, epochs=5, pruning_epochs=1, batch_size=256, n_golden=20, patience=5, stop_on="merged")
    train = family_of("vae" if isinstance(config, VaeConfig) else "autoencoder").train
    done = train(events, config, name="toy")
    curve = done.losses["rarity of merged"]
    assert len(curve) == 5
    assert done.best_epoch == 2 + int(np.argmax(curve[1:]))
    assert done.model.metrics["training"]["stop_on"] == "merged"
    plain = train(events, replace(config, stop_on="loss"), name="toy")
    assert plain.losses == {name: values for name, values in done.losses.items() if name in plain.losses}
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz", "k")
    with pytest.raises(Stopped):
        train(events, config, name="toy", progress=stop_after(3), checkpoint=checkpoint)
    again = train(events, config, name="toy", checkpoint=checkpoint)
    assert (again.model.digest, again.losses) == (done.model.digest, done.losses)


@pytest.mark.parametrize("make", [TrainingConfig, ContrastiveConfig])
def test_what_a_family_cannot_stop_on_is_refused(make: type[TrainingConfig]) -> None:
    with pytest.raises(ConfigError, match="no epoch of this family is chosen by stop_on = 'merged'"):
        make(stop_on="merged")
