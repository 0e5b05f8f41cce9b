from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.errors import ConfigError
from offline.calorimeter.transforms.logit import Logit


@given(share=st.floats(0.0, 1.0), margin=st.sampled_from([1e-9, 1e-6, 0.1]))
def test_there_and_back(share: float, margin: float) -> None:
    logit = Logit(margin)
    value = logit.forward(np.array([share]))
    assert np.isfinite(value).all()
    np.testing.assert_allclose(logit.inverse(value), share, atol=1e-12)


@given(value=st.floats(-1e3, 1e3))
def test_any_number_is_a_share(value: float) -> None:
    assert 0.0 <= Logit().inverse(np.array([value]))[0] <= 1.0


@pytest.mark.parametrize("margin", [0.0, 0.5, -1.0, float("nan")])
def test_what_is_no_margin_is_refused(margin: float) -> None:
    with pytest.raises(ConfigError, match=r"in \(0, 0.5\)"):
        Logit(margin)
