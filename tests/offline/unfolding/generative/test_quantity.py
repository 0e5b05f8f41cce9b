from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from l1ml.errors import ConfigError, DataError
from offline.unfolding.generative.quantity import Quantity, fit_scaling

KINDS = [Quantity("q"), Quantity("q", "positive", low=-1), Quantity("q", "bounded", low=-1, high=201), Quantity("q", "ranked")]


@pytest.mark.parametrize("quantity", KINDS, ids=lambda quantity: quantity.kind)
@given(values=arrays(np.float64, (20, 1), elements=st.floats(0, 200).map(lambda value: round(value, 3))))
def test_there_and_back(quantity: Quantity, values: np.ndarray) -> None:
    scaling = fit_scaling(values, ["q"], [quantity])
    np.testing.assert_allclose(scaling.backward(scaling.forward(values)), values, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    "quantity", [Quantity("q", "integer", low=1), Quantity("q", "ranked", whole=True)], ids=["integer", "ranked"]
)
def test_integers_stay_integers(quantity: Quantity, rng: np.random.Generator) -> None:
    values = 1.0 + rng.poisson(8, (5000, 1))
    scaling = fit_scaling(values, ["q"], [quantity])
    columns = scaling.forward(values, rng)
    assert len(np.unique(columns)) > 4000
    back = scaling.backward(columns)
    if quantity.kind == "integer":
        np.testing.assert_array_equal(back, values)
    assert (back != values).mean() < 0.02
    assert scaling.backward(rng.normal(0, 3, (1000, 1))).min() >= 1


def test_columns_have_unit_width(rng: np.random.Generator) -> None:
    values = rng.exponential(30, (20_000, 2)) + 100
    columns = fit_scaling(values, ["a", "b"], [Quantity("b", "ranked")]).forward(values)
    np.testing.assert_allclose(columns.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(columns.std(axis=0), 1, atol=1e-9)
    # normal scores have no skewness, whatever the quantity
    assert np.abs((columns**3).mean(axis=0)[1]) < 0.05


def test_values_that_do_not_fit_are_named() -> None:
    with pytest.raises(DataError, match=r"1 values of 'q', such as 0, do not fit the kind 'positive'"):
        fit_scaling(np.array([[0.0], [1.0]]), ["q"], [Quantity("q", "positive")])
    with pytest.raises(DataError, match=r"such as 1.5, do not fit the kind 'integer'"):
        fit_scaling(np.array([[1.5], [1.0]]), ["q"], [Quantity("q", "integer")])
    with pytest.raises(ConfigError, match=r"unknown kind 'postive'; did you mean 'positive'"):
        Quantity("q", "postive")
    with pytest.raises(ConfigError, match="high must be above low"):
        Quantity("q", "bounded", low=1, high=1)
