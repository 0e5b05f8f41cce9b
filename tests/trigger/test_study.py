from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from trigger_toy import DIGEST, sample, toy_menu, toy_study

from l1ml.errors import ConfigError, DataError
from l1ml.trigger import resolve_thresholds, study


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    values: dict[str, Any] = json.loads(json.dumps(toy_study().to_dict(), allow_nan=False))
    return values


def test_shape(content):
    assert content["menu"] == {"name": "toy", "version": "7", "n_bunches": 2760, "f_rev_hz": 11245.6}
    assert content["models"] == {"axo": DIGEST}
    assert [row["name"] for row in content["rates"]["rows"]][-1] == "L1_AXO_loose"
    assert set(content["efficiency"]) == {"haa4b", "ttbar"} == set(content["roc"]["axo"])
    assert [curve["quantity"] for curve in content["rate_curves"]] == [
        "axo score",
        "met pt",
        "leading egamma pt",
        "leading muon pt, |eta| <= 2.39",
        "leading jet pt",
    ]
    assert len(content["feature_distributions"]) == 11


def test_the_curve_of_a_single_object_meets_the_rate_of_its_seed(content):
    curve = next(item for item in content["rate_curves"] if "muon" in item["quantity"])
    rate = next(row["rate_khz"] for row in content["rates"]["rows"] if row["name"] == "L1_SingleMu22")
    below = max(value for word, value in zip(curve["threshold"], curve["rate_khz"], strict=True) if word >= 45)
    above = min(value for word, value in zip(curve["threshold"], curve["rate_khz"], strict=True) if word <= 45)
    assert below * (1 - 1e-12) <= rate <= above * (1 + 1e-12)


def test_same_input_same_numbers(content):
    assert json.loads(json.dumps(toy_study().to_dict())) == content


def test_a_menu_for_another_model_is_refused_before_anything_is_evaluated():
    events, words = sample(50, 1, 1.0, signal=False)
    menu = resolve_thresholds(toy_menu(), {"axo": words}, events.weight, {"axo": DIGEST})
    with pytest.raises(ConfigError, match="belong to model abababababab"):
        study(menu, events, {}, {}, {"axo": "cd" * 32})


def test_an_unresolved_menu_is_refused():
    events, words = sample(50, 1, 1.0, signal=False)
    with pytest.raises(ConfigError, match="L1_AXO_tight, L1_AXO_loose are not derived yet"):
        study(toy_menu(), events, {}, {"zero_bias": {"axo": words}}, {"axo": DIGEST})


def test_missing_scores_and_empty_samples_are_named():
    events, words = sample(50, 1, 1.0, signal=False)
    menu = resolve_thresholds(toy_menu(), {"axo": words}, events.weight, {"axo": DIGEST})
    with pytest.raises(DataError, match="needs the score 'axo' of a network"):
        study(menu, events, {"ttbar": events}, {"zero_bias": {"axo": words}}, {"axo": DIGEST})
    with pytest.raises(DataError, match="ttbar holds no crossings"):
        study(menu, events, {"ttbar": events.select(np.arange(0))}, {"zero_bias": {"axo": words}}, {"axo": DIGEST})
