"""Ratios and scores learnt with joint labels, of a Gaussian whose ratio and score are known."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from l1ml.errors import ConfigError, DataError, SchemaError
from offline.density import Training
from offline.inference.gold import GoldNetwork, ScoreNetwork, SmearedGaussian, gold_of_model
from offline.inference.gold.neural_gold import GoldRatio, NeuralGold, read_gold_ratio
from offline.inference.gold.neural_score import NeuralScore, read_score
from offline.inference.learnt_file import write_learnt

MODEL = SmearedGaussian(2)
REFERENCE = np.array([[a, b] for a in (-1.0, 0.0, 1.0) for b in (-1.0, 0.0, 1.0)])
BRIEF = Training(updates=400, batch_size=128, learning_rate=5e-3)


@cache
def learnt(loss: str) -> GoldRatio:
    """From a thousand events."""
    gold = gold_of_model(MODEL, MODEL.prior, REFERENCE, 1000, seed=1)
    return NeuralGold(GoldNetwork(loss=loss, widths=(32, 32), training=BRIEF)).fit(gold)


@cache
def error(loss: str) -> float:
    """Root mean square difference of the logarithm of the ratio to the exact one."""
    rng = np.random.default_rng(7)
    theta = MODEL.prior.sample(4000, rng)
    x, _ = MODEL(REFERENCE[rng.integers(0, len(REFERENCE), 4000)], rng)
    difference = learnt(loss).log_ratio(theta, x) - MODEL.observed_log_ratio(theta, x, REFERENCE)
    return float(np.sqrt(np.square(difference).mean()))


@pytest.mark.parametrize("loss", ["alice", "cascal", "rascal", "alices"])
def test_gold_beats_labels_alone(loss: str) -> None:
    assert error(loss) < 0.85 * error("carl")


def test_a_learnt_score_beats_the_slope_of_a_classifier(tmp_path: Path) -> None:
    """SALLY against CARL, at the point of the parameters that the score is of, from as many events."""
    rng = np.random.default_rng(1)
    point = np.zeros((1000, 2))
    x, z = MODEL(point, rng)
    found = NeuralScore(ScoreNetwork(widths=(32, 32), training=BRIEF)).fit(("a", "b"), point[0], x, MODEL.score(point, z))
    other = np.zeros((4000, 2))
    x, _ = MODEL(other, rng)
    wrong = found(x) - MODEL.observed_score(other, x)
    step = np.array([0.1, 0.0])
    slope = (learnt("carl").log_ratio(other + step, x) - learnt("carl").log_ratio(other - step, x)) / 0.2
    wrong_slope = slope - MODEL.observed_score(other, x)[:, 0]
    assert np.square(wrong[:, 0]).mean() < 0.25 * np.square(wrong_slope).mean()
    # one over the variance of x
    np.testing.assert_allclose(found.information(x), 0.8 * np.eye(2), atol=0.2)
    np.testing.assert_array_equal(found.point, [0.0, 0.0])
    found.write(tmp_path / "a.npz")
    np.testing.assert_array_equal(read_score(tmp_path / "a.npz")(x), found(x))
    with pytest.raises(DataError, match="do not fit"):
        found(x[:, :1])


def test_members_are_trained_together(tmp_path: Path) -> None:
    gold = gold_of_model(MODEL, MODEL.prior, REFERENCE, 1000, seed=1)
    network = GoldNetwork(widths=(16,), members=3, bootstrap=True, training=Training(100, 128, 5e-3))
    found = NeuralGold(network).fit(gold)
    each = found.log_ratio_each(gold.theta, gold.x)
    assert each.shape == (1000, 3)
    assert len(found.record["members"]) == 3
    # they learn the same of other samples
    assert np.corrcoef(each.T)[0, 1:].min() > 0.2
    assert np.abs(each[:, 0] - each[:, 1]).max() > 1e-3
    np.testing.assert_allclose(found.log_ratio(gold.theta, gold.x), each.mean(axis=1))
    found.write(tmp_path / "a.npz")
    np.testing.assert_array_equal(read_gold_ratio(tmp_path / "a.npz").log_ratio_each(gold.theta, gold.x), each)


def test_what_cannot_be_learnt(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="too few"):
        NeuralGold().fit(gold_of_model(MODEL, MODEL.prior, REFERENCE, 20, seed=1))
    with pytest.raises(ConfigError, match=r"no loss 'sally'"):
        GoldNetwork(loss="sally")
    with pytest.raises(ConfigError, match="must be positive"):
        GoldNetwork(score_weight=0.0)
    with pytest.raises(DataError, match="scores of 1 parameters are needed"):
        NeuralScore().fit(("a",), np.zeros(1), np.zeros((100, 2)), np.zeros((100, 2)))
    write_learnt(tmp_path / "a.npz", "ratio", {}, {})
    with pytest.raises(SchemaError, match="holds a ratio"):
        read_gold_ratio(tmp_path / "a.npz")
