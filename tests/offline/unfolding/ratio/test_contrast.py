from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.errors import DataError
from offline.unfolding.ratio import Contrast


@pytest.fixture
def contrast(rng: np.random.Generator) -> Contrast:
    n = 400
    return Contrast(
        rng.normal(size=(n, 2)),
        rng.integers(0, 2, n).astype(float),
        rng.integers(0, 2, n).astype(float),
        np.arange(n, dtype=np.uint64),
    )


@given(seed=st.integers(0, 2**32), share=st.floats(0.1, 0.9))
def test_an_event_is_never_on_both_sides_of_a_split(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    events = rng.integers(0, 2**63, 100, dtype=np.uint64)
    sample = rng.normal(size=(100, 1)), np.ones(100), events
    both = Contrast.between(sample, sample)
    part = both.prepared().validation(share)
    np.testing.assert_array_equal(part[:100], part[100:])


def test_events_without_weight_do_not_count(contrast: Contrast) -> None:
    assert not contrast.counting.all()
    prepared = contrast.prepared()
    assert len(prepared.event) == contrast.counting.sum()
    assert prepared.numerator.sum() == pytest.approx(0.5)
    assert prepared.denominator.sum() == pytest.approx(0.5)
    replace(contrast, values=np.where(contrast.counting[:, None], contrast.values, np.nan))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"numerator": np.zeros(400)}, "weights of the numerator add up to 0"),
        ({"denominator": np.full(400, -1.0)}, "weights of the denominator add up to -400"),
        ({"numerator": np.full(400, np.nan)}, "400 weights of the numerator are not finite"),
        ({"numerator": np.ones(3)}, "do not fit"),
        ({"values": np.full((400, 2), np.inf)}, "not finite"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(contrast: Contrast, change: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        replace(contrast, **change)


def test_too_few_events_to_hold_some_out(contrast: Contrast) -> None:
    one = contrast.numerator.copy()
    one[:] = 0
    one[0] = 1
    with pytest.raises(DataError, match="too few events"):
        replace(contrast, numerator=one).prepared().validation(0.5)
