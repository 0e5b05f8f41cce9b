from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from l1ml.errors import ConfigError
from offline.inference.distributions import Distribution, LogUniform, Normal, Uniform

EACH: list[tuple[Distribution, stats.rv_continuous]] = [
    (Uniform(-2.0, 3.0), stats.uniform(-2, 5)),
    (LogUniform(0.01, 10.0), stats.loguniform(0.01, 10)),
    (Normal(1.0, 0.3), stats.norm(1, 0.3)),
]


@pytest.mark.parametrize(("ours", "scipys"), EACH)
def test_density_and_support_are_those_of_scipy(ours: Distribution, scipys: stats.rv_continuous) -> None:
    values = np.array([-5.0, -1.0, 0.02, 0.7, 1.3, 2.9, 11.0])
    np.testing.assert_allclose(ours.log_density(values), scipys.logpdf(values), rtol=1e-9)
    np.testing.assert_array_equal(ours.supports(values), np.isfinite(scipys.logpdf(values)))


@given(st.floats(-6, 6))
def test_scores_are_normal_and_come_back(score: float) -> None:
    for ours, scipys in EACH:
        value = ours.values(np.array(score))
        assert scipys.cdf(value) == pytest.approx(stats.norm.cdf(score), rel=1e-6, abs=1e-9)
        assert ours.scores(value) == pytest.approx(score, abs=1e-4)


@pytest.mark.parametrize("distribution", [item for item, _ in EACH])
def test_no_score_leads_outside(distribution: Distribution) -> None:
    assert distribution.supports(distribution.values(np.array([-40.0, -9.0, 9.0, 40.0]))).all()


def test_density_is_normalised() -> None:
    assert integrate.quad(lambda v: np.exp(LogUniform(1, 5).log_density(np.array(v))), 1, 5)[0] == pytest.approx(1)


@pytest.mark.parametrize(("make", "a", "b"), [(Uniform, 1, 1), (Uniform, 0, np.inf), (LogUniform, 0, 1), (Normal, 0, 0)])
def test_impossible_ones(make: type[Uniform], a: float, b: float) -> None:
    with pytest.raises(ConfigError, match="received"):
        make(a, b)
