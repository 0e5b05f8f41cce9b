"""A menu that cuts on one class of a tagger: the same score in decisions, explanation, replay, thresholds and studies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from trigger_toy import DIGEST, sample
from ugt_toy import crossing_of, random_crossings

from l1ml.errors import ConfigError
from l1ml.hardware import FixedPoint
from l1ml.trigger import Columns, Menu, decide, resolve_thresholds, study
from l1ml.trigger.algorithm_cut import algorithm_cut
from l1ml.trigger.description import describe_condition
from l1ml.trigger.explanation import explain
from l1ml.trigger.menus.toml_menu import menu_from_mapping, read_toml_menu, write_toml_menu
from l1ml.trigger.networks import BoundNetwork, NetworkInputs, scores_of
from l1ml.trigger.replay import replay


class Tagger:
    """An emulator whose outputs are pt, eta and phi of one jet."""

    name = "tagger"
    output_format = FixedPoint(18, 18)
    input_formats = (FixedPoint(18, 18),) * 3
    n_outputs = 3

    def predict(self, words: NDArray[np.integer]) -> NDArray[np.int64]:
        return words.astype(np.int64)


NETWORK = BoundNetwork(Tagger(), DIGEST, NetworkInputs((("jet", 1),), "word"), ("b", "c", "light"))
EXPRESSIONS = {
    "L1_B": "TOPO[TOPO-MODEL_tagger, TOPO-SCORE_B40]",
    "L1_NotC": "NOT TOPO[TOPO-MODEL_tagger, TOPO-SCORE_C0]",
    "L1_BandLight": "TOPO[TOPO-MODEL_tagger, TOPO-SCORE_B40, TOPO-SCORE_LIGHT70]",
}


def menu_of(expressions: dict[str, str] | None = None, **cuts: dict[str, Any]) -> Menu:
    known: dict[str, Any] = {
        "TOPO-MODEL_tagger": {"kind": "model", "text": "tagger"},
        "TOPO-SCORE_B40": {"kind": "score", "minimum": 40, "output": "b"},
        "TOPO-SCORE_C0": {"kind": "score", "minimum": -20, "output": 1},
        "TOPO-SCORE_LIGHT70": {"kind": "score", "minimum": 70, "output": "light"},
    }
    entries = [{"name": name, "expression": text} for name, text in (expressions or EXPRESSIONS).items()]
    return menu_from_mapping({"name": "tags", "algorithm": entries, "object_cuts": {**known, **cuts}}, "menu.toml")


def test_each_cut_sees_its_own_class(rng: np.random.Generator) -> None:
    crossings = random_crossings(rng, 300)
    columns = Columns.of_crossings(crossings)
    jets = crossings.objects["jet"]
    pt, eta, phi = (jets[name][:, 0] for name in ("pt", "eta", "phi"))
    menu = menu_of()
    scores = scores_of(menu, columns, {"tagger": NETWORK})
    assert menu.scores == ("tagger.b", "tagger.1", "tagger.light")
    for name, expected in zip(menu.scores, (pt, eta, phi), strict=True):
        np.testing.assert_array_equal(scores[name], expected)
    decisions = decide(menu, columns, scores)
    expected = {"L1_B": pt >= 40, "L1_NotC": eta < -20, "L1_BandLight": (pt >= 40) & (phi >= 70)}
    bits = np.zeros((300, 512), dtype=np.bool_)
    for index, (name, fired) in enumerate(expected.items()):
        assert 0 < fired.sum() < 300
        np.testing.assert_array_equal(decisions[name], fired)
        bits[:, index] = fired
    again = type(crossings).from_words(crossings.era, crossings.words, algorithms=bits)
    report = replay(menu, [again], "toy", {"tagger": NETWORK})
    assert (report.supported, report.mismatched_bits, report.to_json()["networks"]) == (3, 0, {"tagger": DIGEST})
    assert replay(menu, [again], "toy").supported == 0


def test_what_a_menu_says_about_its_classes(tmp_path: Any) -> None:
    menu = menu_of()
    write_toml_menu(tmp_path / "menu.toml", menu)
    assert read_toml_menu(tmp_path / "menu.toml") == menu
    (condition,) = menu.conditions_of(menu["L1_BandLight"])
    assert describe_condition(condition) == ("TOPO: model tagger, score b 40 or more, score light 70 or more",)
    crossings = crossing_of({"jet": [{"pt": 40, "eta": -3, "phi": 69}]})
    found = explain(menu, crossings, "L1_BandLight", 0, {"tagger": NETWORK})
    assert found.verdict == "does not fire"
    assert found.deciding == (f"{condition.name} is false (tagger.b 40, tagger.light 69)",)
    assert algorithm_cut(menu, menu["L1_B"]).score == "tagger.b"
    assert algorithm_cut(menu, menu["L1_BandLight"]).words == ()


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        ({"output": "d"}, "cuts on the network 'tagger', which has 3 outputs: there is no 'd'; known: 0, 1, 2, b, c, light"),
        ({"output": 3}, "which has 3 outputs: there is no '3'; "),
        ({}, "which has 3 outputs: say which with output = one of b, c, light, 0, 1, 2"),
    ],
)
def test_an_output_that_is_not_there_is_refused(cut: dict[str, Any], message: str) -> None:
    menu = menu_of({"L1_B": "TOPO[TOPO-MODEL_tagger, TOPO-SCORE_B]"}, **{"TOPO-SCORE_B": {"kind": "score", "minimum": 4, **cut}})
    with pytest.raises(ConfigError, match=message):
        scores_of(menu, Columns.of_crossings(crossing_of({})), {"tagger": NETWORK})


def test_mistakes_in_names() -> None:
    with pytest.raises(ConfigError, match=r"object_cuts\.JET-ETA_1 is a cut of kind 'eta' and has no key 'output'"):
        menu_of(**{"JET-ETA_1": {"kind": "eta", "minimum": 0, "maximum": 4, "output": "b"}})
    for labels in (("b", "c"), ("b", "b", "c"), ("b", "c", "2"), ("b", "c", "")):
        with pytest.raises(ConfigError, match=r"has 3 outputs and the labels 'b', .*; give each output one of its own"):
            replace(NETWORK, labels=labels)
    cuts = {
        "TOPO-MODEL_dotted": {"kind": "model", "text": "tagger.b"},
        "TOPO-SCORE_1": {"kind": "score", "minimum": 1},
    }
    both = {"L1_A": "TOPO[TOPO-MODEL_dotted, TOPO-SCORE_1]", "L1_B": EXPRESSIONS["L1_B"]}
    with pytest.raises(ConfigError, match=r"the score 'tagger\.b' is output '' of 'tagger\.b' and output 'b' of 'tagger'"):
        _ = menu_of(both, **cuts).scores


def test_thresholds_and_studies_are_of_one_class() -> None:
    wanted = {f"TOPO-SCORE_{name}": {"kind": "score", "rate_khz": 100.0, "output": name} for name in ("b", "c")}
    menu = menu_of({f"L1_{name}": f"TOPO[TOPO-MODEL_tagger, TOPO-SCORE_{name}]" for name in ("b", "c")}, **wanted)
    zero_bias, words = sample(400, 1, 1.0, signal=False)
    signal, signal_words = sample(200, 2, 3.0, signal=True)
    scores = {"zero_bias": {"tagger.b": words, "tagger.c": -words}, "tt": {"tagger.b": signal_words, "tagger.c": -signal_words}}
    resolved = resolve_thresholds(menu, scores["zero_bias"], zero_bias.weight, {"tagger": DIGEST})
    assert resolved.networks == {"tagger": DIGEST}
    minima = [algorithm_cut(resolved, item).words[0] for item in resolved.algorithms]
    assert minima[0] > minima[1]
    formats = dict.fromkeys(menu.scores, FixedPoint(18, 12))
    content = study(resolved, zero_bias, {"tt": signal}, scores, {"tagger": DIGEST}, score_formats=formats).to_dict()
    assert [row["score"] for row in content["rates"]["rows"]] == ["tagger.b", "tagger.c"]
    assert all(row["rate_khz"] <= 100.0 for row in content["rates"]["rows"])
    assert list(content["roc"]) == ["tagger.b", "tagger.c"]
    shared = {"L1_1": "TOPO[TOPO-MODEL_tagger, TOPO-SCORE_b]", "L1_2": "TOPO[TOPO-MODEL_other, TOPO-SCORE_b]"}
    twice = menu_of(shared, **wanted, **{"TOPO-MODEL_other": {"kind": "model", "text": "other"}})
    with pytest.raises(ConfigError, match=r"one threshold, and stands on two scores, 'tagger\.b' and 'other\.b'"):
        resolve_thresholds(twice, scores["zero_bias"], zero_bias.weight, {"tagger": DIGEST})
