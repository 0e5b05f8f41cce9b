from __future__ import annotations

import numpy as np
import pytest

from l1ml.errors import ConfigError
from l1ml.training.tagger import DistillationConfig
from l1ml.training.tagger.distillation import distillation_loss, soft_targets

pytest.importorskip("keras")


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("weight", "temperature"), [(0.0, 1.0), (1.0, 1.0), (0.3, 2.5)])
def test_the_loss_is_that_of_the_paper(rng: np.random.Generator, weight: float, temperature: float) -> None:
    classes, teacher, student = rng.integers(0, 4, 50), rng.normal(0, 2, (50, 4)), rng.normal(0, 2, (50, 4))
    targets = soft_targets(classes, teacher)
    found = np.asarray(distillation_loss(DistillationConfig(weight, temperature))(targets, student.astype(np.float32)))
    hard = -np.log(softmax(student))[np.arange(50), classes]
    soft = -(softmax(teacher / temperature) * np.log(softmax(student / temperature))).sum(axis=1)
    np.testing.assert_allclose(found, (1 - weight) * hard + weight * temperature**2 * soft, rtol=1e-4)


@pytest.mark.parametrize(("values", "message"), [((1.5, 1.0), "must be in"), ((0.5, 0.0), "temperature must be positive")])
def test_numbers_out_of_range(values: tuple[float, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        DistillationConfig(*values)
