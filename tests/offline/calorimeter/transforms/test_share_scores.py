from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from offline.calorimeter.transforms.share_scores import ShareScores


def _logits(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logits of two layers whose hits have exponential energies, hits, energies of the particles."""
    incident, hits = 1e3 * 2.0 ** rng.uniform(0, 5, n), 1 + rng.poisson(3.0 ** rng.uniform(0, 4, (n, 2)))
    return np.log(rng.standard_gamma(hits)) - np.log(incident)[:, None], hits, incident


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_logits_to_scores_and_back(seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits, hits, incident = _logits(500, rng)
    shares = ShareScores.of(logits, hits, incident, np.ones(logits.shape, bool))
    scores = shares.forward(logits, hits, incident)
    np.testing.assert_allclose(shares.inverse(scores, hits, incident), logits, rtol=1e-6, atol=1e-6)


def test_scores_are_normal_for_any_number_of_hits(rng: np.random.Generator) -> None:
    logits, hits, incident = _logits(20_000, rng)
    shares = ShareScores.of(logits, hits, incident, np.ones(logits.shape, bool))
    fresh, counted, energies = _logits(20_000, rng)
    scores = shares.forward(fresh, counted, energies)
    for low, high in ((1, 2), (2, 4), (8, 16), (30, 80)):
        some = scores[(counted >= low) & (counted < high)]
        np.testing.assert_allclose([some.mean(), some.std()], [0.0, 1.0], atol=0.08)


def test_a_layer_that_nothing_is_known_of_has_a_score(rng: np.random.Generator) -> None:
    logits, hits, incident = _logits(500, rng)
    known = rng.random(logits.shape) < 0.01
    shares = ShareScores.of(logits, hits, incident, known)
    assert np.isfinite(shares.forward(logits, hits, incident)).all()
