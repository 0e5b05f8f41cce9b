from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy import toy_events

from l1ml.configuration import from_mapping
from l1ml.errors import ConfigError
from l1ml.training import family_of
from l1ml.training.pruning import Pruning, PruningSchedule
from l1ml.training.vae import VaeConfig
from l1ml.workflow.recipe import read_recipe

MODELS = sorted(path.parent for path in (Path(__file__).parents[2] / "models").glob("*/model.toml"))


@given(st.floats(0.01, 0.99), st.integers(1, 50))
def test_without_a_word_the_share_grows_as_it_always_did(final: float, end: int) -> None:
    for epoch in range(end + 5):
        left = max(0.0, 1.0 - (epoch + 1) / end)
        found = PruningSchedule().sparsity_at(epoch + 1, final, end)
        if epoch < end:
            assert found == pytest.approx(final * (1.0 - left**3), rel=1e-12)
        else:
            assert found is None


@given(st.sampled_from(["polynomial", "constant"]), st.integers(0, 9), st.integers(1, 7), st.floats(0, 0.5), st.floats(0.2, 5.0))
def test_it_begins_ends_and_never_falls(shape: str, begin: int, frequency: int, initial: float, power: float) -> None:
    schedule = PruningSchedule(shape, begin, frequency, initial, power)
    schedule.check(0.75, 10)
    found = {epoch: schedule.sparsity_at(epoch, 0.75, 10) for epoch in range(1, 20)}
    shares = [item for item in found.values() if item is not None]
    assert shares[-1] == found[10] == 0.75
    assert shares == sorted(shares)
    assert all(found[epoch] is None for epoch in found if epoch < begin or epoch > 10)
    chosen = [epoch for epoch, item in found.items() if item is not None and epoch != 10]
    assert all((epoch - begin) % frequency == 0 for epoch in chosen)
    if begin:
        assert found[begin] == pytest.approx(0.75 if shape == "constant" else initial)


def test_a_straight_line() -> None:
    schedule = PruningSchedule(begin=2, initial=0.2, power=1.0)
    found = [schedule.sparsity_at(epoch, 0.6, 6) for epoch in range(1, 8)]
    assert found == [None, *(pytest.approx(share) for share in (0.2, 0.3, 0.4, 0.5, 0.6)), None]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"shape": "linear"}, "there is no pruning schedule 'linear'"),
        ({"frequency": 0}, "frequency 1 or more, received 0 and 0"),
        ({"power": 0.0}, "power positive"),
        ({"begin": 20}, "begins after 20 epochs and ends with pruning_epochs = 20"),
        ({"initial": 0.6}, "no weight comes back"),
        ({"start": 1}, "has no key 'start'"),
    ],
)
def test_what_no_schedule_is(table: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        from_mapping(VaeConfig, {"pruning": table}, "model.toml.training")


def test_shipped_models_are_pruned_as_before() -> None:
    assert all(read_recipe(folder).training.pruning == PruningSchedule() for folder in MODELS)


@pytest.mark.parametrize("shape", ["polynomial", "constant"])
def test_a_recipe_decides_when_weights_of_a_network_are_zero(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("qkeras")
    pruned: list[float] = []
    prune = Pruning.prune

    def listening(self: Pruning, network: object, sparsity: float) -> None:
        pruned.append(sparsity)
        prune(self, network, sparsity)

    monkeypatch.setattr(Pruning, "prune", listening)
    schedule = PruningSchedule(shape, begin=1, frequency=2)
    config = VaeConfig(hidden=(8, 8), epochs=7, pruning_epochs=6, pruning=schedule, sparsity=0.75, batch_size=512)
    model = family_of("vae").train(toy_events(1500, np.random.default_rng(5)), config, name="toy").model
    # after epochs 1, 3, 5 and, because it is the last one, 6
    assert pruned == [schedule.sparsity_at(epoch, 0.75, 6) for epoch in (1, 3, 5, 6)]
    # three kernels of 57, 8 and 8 rows of 8; the ones of the score are not pruned
    assert model.metrics["n_zero_weights"] >= 0.75 * (57 + 8 + 8) * 8
