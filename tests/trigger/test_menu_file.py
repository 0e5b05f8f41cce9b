from __future__ import annotations

import copy
import tomllib
from pathlib import Path

import numpy as np
import pytest
from trigger_toy import DIGEST, MENU, toy_menu

from l1ml.errors import ConfigError
from l1ml.trigger import Algorithm, CrossingRate, Menu, ObjectCondition, ScoreTarget, read_menu, write_menu
from l1ml.trigger.menu_file import menu_from_mapping, menu_to_toml

SHIPPED = Path(__file__).parents[2] / "models" / "axo" / "menu.toml"


def test_shipped_menu():
    menu = read_menu(SHIPPED)
    assert menu.names[:5] == ("L1_SingleMu22", "L1_SingleEG36", "L1_DoubleEG_25_14", "L1_SingleJet180", "L1_MET100")
    assert [algorithm.condition.rate_khz for algorithm in menu.algorithms[5:]] == [1.0, 5.0, 10.0]
    assert {algorithm.alternatives for algorithm in menu.algorithms[5:]} == {"AXO"}
    assert menu.rates == CrossingRate(2760, 11245.6)


def test_round_trip_of_recipe_and_resolved_menu(tmp_path):
    menu = toy_menu()
    resolved = menu.resolve({"axo": np.arange(1000)}, np.ones(1000), {"axo": DIGEST})
    for version in (menu, resolved):
        write_menu(tmp_path / "menu.toml", version)
        assert read_menu(tmp_path / "menu.toml") == version


def test_round_trip_of_every_key():
    algorithm = Algorithm(
        "L1_X", ObjectCondition("jet", (50.0, 30.5), 2.5), prescale=0, alternatives='odd "set"\n', masked_bx=(1, 3563)
    )
    menu = Menu("n", "v", CrossingRate(10, 1e-5), (algorithm, Algorithm("L1_Y", ScoreTarget("axo", 0.5))))
    assert menu_from_mapping(tomllib.loads(menu_to_toml(menu)), "text") == menu


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"treshold": 3}, "did you mean 'threshold'"),
        ({"prescale": 1.5}, "prescale must be int"),
        ({"prescale": -2}, "prescale must be 0"),
        ({"score": "axo"}, "either a collection or a score"),
        ({"collection": ""}, "either a collection or a score"),
        ({"thresholds_gev": []}, "give thresholds_gev"),
        ({"rate_khz": 3.0}, "neither rate_khz"),
        ({"thresholds_gev": [999.0]}, r"algorithm 1 \(L1_SingleMu22\): muon threshold 999 GeV"),
        ({"eta_max": 0.0}, "eta_max must be positive"),
        ({"name": "with space"}, "letters, digits"),
    ],
)
def test_bad_object_entries(change, message):
    mapping = copy.deepcopy(MENU)
    mapping["algorithm"][0] |= change
    with pytest.raises(ConfigError, match=message) as caught:
        menu_from_mapping(mapping, "menu.toml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"eta_max": 2.4}, "belong to a collection"),
        ({"rate_khz": 0.0}, "rate_khz must be positive"),
        ({"threshold": 12}, "go together"),
        ({"model": DIGEST}, "go together"),
    ],
)
def test_bad_score_entries(change, message):
    mapping = copy.deepcopy(MENU)
    mapping["algorithm"][3] |= change
    with pytest.raises(ConfigError, match=message):
        menu_from_mapping(mapping, "menu.toml")


def test_a_score_needs_a_target_or_a_threshold():
    with pytest.raises(ConfigError, match="needs rate_khz"):
        menu_from_mapping({"name": "m", "algorithm": [{"name": "L1_A", "score": "axo"}]}, "menu.toml")


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"algorithm": []}, "lacks the key 'name'"),
        ({"name": "m", "algorithm": []}, "needs algorithms"),
        ({"name": "m", "algorithm": {}}, r"write \[\[algorithm\]\]"),
        ({"name": "m", "algoritm": []}, "has no key 'algoritm'"),
        ({"name": "m", "rates": {"n_bunch": 3}}, "did you mean 'n_bunches'"),
    ],
)
def test_bad_menus(mapping, message):
    with pytest.raises(ConfigError, match=message):
        menu_from_mapping(mapping, "menu.toml")


def test_missing_file(tmp_path):
    with pytest.raises(ConfigError, match="does not exist"):
        read_menu(tmp_path / "menu.toml")
