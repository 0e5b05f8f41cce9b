"""A study of a model whose posterior is known, so brief that only its bookkeeping is looked at."""

from __future__ import annotations

import json

import numpy as np

from offline.density import Training
from offline.inference import Normal, Prior
from offline.inference.examples.posterior_study import PosteriorStudy
from offline.inference.networks import Flow, Summary


class Mean:
    prior = Prior({"mean": Normal(0.0, 1.0)})

    def __call__(self, theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return theta[:, None] + rng.normal(size=(len(theta), 4, 1))


def test_numbers_of_a_brief_study() -> None:
    flow = Flow(depth=1, widths=(8,), transform="affine", training=Training(20, 64, 1e-3), summary=Summary((8,), (8,), 4))
    found = PosteriorStudy(Mean(), (0.7,), simulated=1000, judged=100, network=flow).run()
    numbers = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert numbers["truth"] == [0.7]
    assert numbers["simulations_judged"] == 100
    exact = np.sqrt(1 / 5)
    # the straight line that networks start from is all there is
    for kind, (value,) in numbers["in_normal_scores"].items():
        assert abs(value - exact) < 0.15, kind
