"""A tagger that runs once for each jet, against a loop over jets in plain Python; and menus that cut on its classes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tagged_toy import CUTS, FEATURES, LABELS, N_SLOTS, SCHEMA, bound, portable, slow_scores, tagged_events, tagged_menu
from trigger_toy import events_of

from l1ml.data import Events, EventWriter
from l1ml.errors import ConfigError, DataError
from l1ml.hardware import FixedPoint
from l1ml.trigger import Columns, decide, object_networks
from l1ml.trigger.conditions.score_conditions import tagged
from l1ml.trigger.crossing_source import CrossingSource
from l1ml.trigger.decision_file import read_decisions
from l1ml.trigger.description import deciding_objects, describe_condition
from l1ml.trigger.evaluation import Evaluator
from l1ml.trigger.file_emulation import Emulation, emulate_files
from l1ml.trigger.menus.object_score import ObjectScore
from l1ml.trigger.menus.toml_menu import menu_from_mapping, read_toml_menu, write_toml_menu
from l1ml.trigger.network_file import read_networks
from l1ml.trigger.networks import NetworkInputs, scores_of
from l1ml.trigger.object_networks import ObjectInputs

Jet = dict[str, int]
Passes = Callable[[Jet, list[int]], bool]

LEGS: dict[str, Passes] = {
    "JET10[T, JET-SCORE_b60]": lambda jet, words: jet["pt"] >= 20 and words[0] >= 60,
    "JET20[T, JET-SCORE_bg, JET-ETA_1]": lambda jet, words: (
        jet["pt"] >= 40 and words[0] - words[1] >= 40 and -23 <= jet["eta"] <= 23
    ),
    "JET5[T, JET-TAG_top]": lambda jet, words: jet["pt"] >= 10 and max(words[:2]) < words[2],
    "JET5[T, JET-TAG_b, JET-TAG_top]": lambda jet, words: jet["pt"] >= 10 and words.index(max(words)) != 1,
    "JET0[T, JET-SCORE_g0, JET-TAG_b]": lambda jet, words: jet["pt"] > 0 and words[1] >= 0 and words[0] >= max(words),
    "JET30": lambda jet, words: jet["pt"] >= 60,
}


def jets_of(events: Events, row: int) -> list[tuple[Jet, list[int]]]:
    """Jets of one crossing with their logits, one after the other."""
    columns = events.collections["jet"]
    jets = [{name.removeprefix("hw_"): int(words[row, slot]) for name, words in columns.items()} for slot in range(N_SLOTS)]
    return [(jet, slow_scores(tuple(jet[name] for name in FEATURES))) for jet in jets if jet["pt"]]


def fires(events: Events, row: int, legs: tuple[str, ...]) -> bool:
    """Whether different jets of a crossing pass all `legs`, tried in every order."""
    jets = jets_of(events, row)
    return any(all(LEGS[leg](*jet) for leg, jet in zip(legs, order, strict=True)) for order in permutations(jets, len(legs)))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(list(LEGS)), min_size=1, max_size=4).map(tuple), st.integers(0, 2**32 - 1))
def test_conditions_are_those_of_a_loop_over_jets(legs: tuple[str, ...], seed: int) -> None:
    events = tagged_events(30, np.random.default_rng(seed))
    menu = tagged_menu(legs[0] if len(legs) == 1 else f"comb{{{', '.join(legs)}}}")
    columns = Columns.of_events(events)
    decided = decide(menu, columns, scores_of(menu, columns, {"tagger": bound()}))["L1_0"]
    assert decided.tolist() == [fires(events, row, legs) for row in range(events.n)]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_scores_are_those_of_one_jet_after_the_other(seed: int, at_once: int) -> None:
    events = tagged_events(25, np.random.default_rng(seed))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(object_networks, "_OBJECTS_AT_ONCE", at_once)
        words = bound().scores(Columns.of_events(events))
    assert words.shape == (25, N_SLOTS, 3)
    assert words.dtype == np.int32
    for row in range(events.n):
        expected = [scores for _, scores in jets_of(events, row)]
        assert words[row].tolist() == expected + [[0, 0, 0]] * (N_SLOTS - len(expected))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_pairs_of_tagged_jets_are_pairs_of_those_that_are_left(seed: int) -> None:
    """A correlation of two b jets is that of any two jets where all others are taken away."""
    events = tagged_events(40, np.random.default_rng(seed))
    menu = tagged_menu("dist{JET10[T, JET-TAG_b], JET10[T, JET-TAG_b]}[DETA_MAX_1]", "dist{JET10, JET10}[DETA_MAX_1]")
    columns = Columns.of_events(events)
    scores = scores_of(menu, columns, {"tagger": bound()})
    b_jets = scores["tagger.b wins"] == 1
    kept = {name: np.where(b_jets, words, 0) for name, words in events.collections["jet"].items()}
    decided = decide(menu, columns, scores)
    alone = decide(menu, Columns.of_events(replace(events, collections={"jet": kept})), scores)
    np.testing.assert_array_equal(decided["L1_0"], alone["L1_1"])
    assert not (decided["L1_0"] & ~decided["L1_1"]).any()


def test_equal_scores_are_of_the_first_class_and_empty_slots_of_none() -> None:
    columns = {f"hw_{name}": np.zeros((1, N_SLOTS), np.int32) for name in ("pt", "eta", "phi", *FEATURES)}
    columns["hw_pt"][0, :2] = (30, 20)
    # logits of jet 0 are 5 + 3 f0 - f1, -2 f0 + 2 f1, -7 + f1: 8, 8, -1 of the second
    columns["hw_f0"][0, 1], columns["hw_f1"][0, 1] = 3, 6
    one = np.zeros(1, np.uint64)
    events = Columns.of_events(Events(SCHEMA, {"jet": columns}, np.ones(1), one, one))
    menu = tagged_menu("JET0[T, JET-TAG_b] AND NOT comb{JET0[T, JET-SCORE_g0], JET0[T, JET-SCORE_g0], JET0[T, JET-SCORE_g0]}")
    scores = scores_of(menu, events, {"tagger": bound()})
    assert bound().scores(events)[0, :3].tolist() == [[5, 0, -7], [8, 6, -1], [0, 0, 0]]
    assert decide(menu, events, scores)["L1_0"].tolist() == [True]
    tie = {"tagger.b wins": np.zeros((1, N_SLOTS), np.int8)}
    requirement = next(iter(menu.conditions.values())).objects[0]
    found = tagged(requirement, tie, events, "jet")
    assert found is not None
    assert not found.any()


def test_menus_with_classes_are_read_and_written(tmp_path: Path) -> None:
    menu = tagged_menu(*(leg for leg in LEGS if leg != "JET30"), networks={"tagger": bound().digest})
    write_toml_menu(tmp_path / "menu.toml", menu)
    assert read_toml_menu(tmp_path / "menu.toml") == menu
    assert menu.networks_cut_on == ("tagger",)
    assert {menu.kind_of(item) for item in menu.algorithms} == {"object_score"}
    assert list(menu.object_scores) == ["tagger.b", "tagger.b-g", "tagger.top wins", "tagger.b wins", "tagger.1"]
    assert menu.object_scores["tagger.b-g"] == ObjectScore("tagger", "JET", "b", "g")
    texts = [describe_condition(condition)[0] for condition in menu.conditions.values()]
    assert texts[:3] == [
        "JET10: word >= 20, model tagger, score b 60 or more",
        "JET20: word >= 40, model tagger, score b - g 40 or more, eta -23 to 23",
        "JET5: word >= 10, model tagger, winner top",
    ]
    with pytest.raises(ConfigError, match="the thresholds on 'tagger' belong to model 0123"):
        scores_of(replace(menu, networks={"tagger": "0123" * 16}), Columns.of_events(Events.empty(SCHEMA)), {"tagger": bound()})


def test_a_decision_says_the_scores_of_the_jets_behind_it() -> None:
    events = tagged_events(50, np.random.default_rng(1))
    menu, columns = tagged_menu("JET20[T, JET-SCORE_bg]"), Columns.of_events(events)
    evaluator = Evaluator(menu, columns, scores_of(menu, columns, {"tagger": bound()}))
    row = next(row for row in range(50) if fires(events, row, ("JET20[T, JET-SCORE_bg, JET-ETA_1]",)))
    (text,) = deciding_objects(evaluator, menu["L1_0"], row)
    slot = int(np.flatnonzero(evaluator.objects(next(iter(menu.conditions.values())).objects[0])[:, row])[0])
    words = jets_of(events, row)[slot][1]
    assert f"jet {slot} pt {events.collections['jet']['hw_pt'][row, slot]} " in text
    assert f" tagger.b-g {words[0] - words[1]}" in text
    lacking = Evaluator(menu, columns)
    (text,) = deciding_objects(lacking, menu["L1_0"], row)
    assert "needs the score 'tagger.b-g' of a network; bound are none" in text


@pytest.mark.parametrize("threads", [1, 2])
def test_a_file_of_crossings_is_emulated_with_its_menu(tmp_path: Path, threads: int) -> None:
    events = tagged_events(300, np.random.default_rng(2))
    with EventWriter(tmp_path / "events.h5", SCHEMA, process="toy", provenance={}) as writer:
        writer.append(events)
    menu = tagged_menu("comb{JET10[T, JET-TAG_top], JET5[T, JET-TAG_b]}", "JET30")
    emulate_files(
        Emulation({"tagger": bound()}, menu), [CrossingSource(tmp_path / "events.h5")], tmp_path / "out.h5", threads=threads
    )
    header, content = read_decisions(tmp_path / "out.h5")
    assert (header.networks, header.unsupported) == ({"tagger": bound().digest}, {})
    columns = Columns.of_events(events)
    np.testing.assert_array_equal(content.scores["tagger"], bound().scores(columns))
    decisions = decide(menu, columns, scores_of(menu, columns, {"tagger": bound()}))
    assert content.initial is not None
    assert 0 < content.initial[:, 0].sum() < 300
    np.testing.assert_array_equal(content.initial, decisions.before_bx_mask_and_prescale)


def test_bindings_come_from_a_file(tmp_path: Path) -> None:
    portable().save(tmp_path / "tagger.h5")
    text = '[tagger]\nmodel = "tagger.h5"\ncollection = "jet"\nfields = ["f0", "f1", "f2", "f3"]\nlabels = ["b", "g", "top"]\n'
    path = tmp_path / "networks.toml"
    path.write_text(text)
    (network,) = read_networks(path).values()
    assert (network.inputs, network.labels, network.binding[0]) == (ObjectInputs("jet", FEATURES), LABELS, bound().digest)
    for more, message in (
        ('objects = [{ name = "jet", slots = 1 }]', "tagger.objects is of networks that read crossings"),
        ('muon_phi = "stations"', "tagger.muon_phi is of networks that read crossings"),
    ):
        path.write_text(text + more)
        with pytest.raises(ConfigError, match=message):
            read_networks(path)
    for line, message in (
        ("fields", "needs both of 'collection' and 'fields'"),
        ("collection", "needs both of 'collection' and 'fields'"),
    ):
        path.write_text("".join(item for item in text.splitlines(keepends=True) if not item.startswith(line)))
        with pytest.raises(ConfigError, match=message):
            read_networks(path)
    path.write_text(text.replace('"jet"', '"jets"'))
    with pytest.raises(ConfigError, match="cannot give scores to each 'jets'; did you mean 'jet'"):
        read_networks(path)
    path.write_text(text.replace(', "f3"]', "]"))
    with pytest.raises(ConfigError, match="portable has 4 inputs; f0, f1, f2 of each jet are 3"):
        read_networks(path)


@pytest.mark.parametrize(
    ("expression", "cuts", "message"),
    [
        ("JET20[JET-TAG_b]", {}, "L1_0, column 1: the cuts of JET20 need one network, received none; name it with a cut such as"),
        ("JET20[T, JET-MODEL_2, JET-TAG_b]", {"JET-MODEL_2": {"kind": "model", "text": "x"}}, "received 'tagger', 'x'"),
        ("EG5 AND JET20[JET-MODEL_tagger]", {}, "column 9: JET20 names 'tagger' and cuts on none of its scores"),
        ("ETM50[ETM-A]", {"ETM-A": {"kind": "winner", "output": "b"}}, "ETM has no score of its own; .* each MU, EG, TAU, JET"),
        ("TOPO[TOPO-A]", {"TOPO-A": {"kind": "winner", "output": "b"}}, "TOPO-A asks TOPO for a winner, which only objects have"),
        ("JET20[T, JET-A]", {"JET-A": {"kind": "winner"}}, "of kind 'winner' and needs the key 'output' and no other"),
        ("JET20[T, JET-A]", {"JET-A": {"kind": "winner", "output": "b", "rate_khz": 5.0}}, "'output' and no other"),
        ("JET20[T, JET-A]", {"JET-A": {"kind": "winner", "output": "b", "minimum": 5}}, "which has no 'minimum'"),
        ("JET20[T, JET-A]", {"JET-A": {"kind": "score", "against": "b", "minimum": 5}}, "a cut of kind 'score' states both"),
        ("JET20[T, JET-A]", {"JET-A": {"kind": "score", "output": "b", "against": "b", "minimum": 5}}, "states both"),
        (
            "JET20[T, JET-A]",
            {"JET-A": {"kind": "eta", "against": "b", "minimum": 5, "maximum": 6}},
            "JET-A.against is the output",
        ),
        ("JET20[T, JET-A]", {"JET-A": {"kind": "wimmer", "output": "b"}}, "unknown kind 'wimmer'; did you mean 'winner'"),
    ],
)
def test_mistakes_in_menus_are_named(expression: str, cuts: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        tagged_menu(expression, **cuts)


def test_mistakes_in_bindings_are_named() -> None:
    events = Columns.of_events(tagged_events(4, np.random.default_rng(3)))
    for label, message in (("topp", "there is no 'topp'; did you mean 'top'"), (7, "there is no '7'; known: 0, 1, 2, b, g, top")):
        menu = tagged_menu("JET20[T, JET-A]", **{"JET-A": {"kind": "winner", "output": label}})
        with pytest.raises(ConfigError, match=message):
            scores_of(menu, events, {"tagger": bound()})
    menu = tagged_menu("JET20[T, JET-TAG_b]")
    crossing_wise = bound(inputs=NetworkInputs((("jet", 1),), "word"), emulator=_Three(), labels=LABELS)
    with pytest.raises(
        ConfigError, match=r"cuts on the score 'tagger\.b wins' of each jet, and 'tagger' gives scores to crossings"
    ):
        scores_of(menu, events, {"tagger": crossing_wise})
    elsewhere = bound(inputs=ObjectInputs("muon", FEATURES))
    with pytest.raises(DataError, match=r"hold no 'muon'"):
        scores_of(menu, events, {"tagger": elsewhere})
    single = tagged_menu("TOPO[TOPO-MODEL_t, TOPO-A]", **_topo())
    with pytest.raises(ConfigError, match=r"cuts on one score 'tagger\.b', and 'tagger' gives one to each jet"):
        scores_of(single, events, {"tagger": bound()})
    level1 = events_of(jet_pt=[[40, 20]])
    with pytest.raises(DataError, match="portable reads f0, f1, f2, f3 of each jet: 'jet' of schema 'level1' has no field 'f0'"):
        scores_of(menu, Columns.of_events(level1), {"tagger": bound()})
    with pytest.raises(ConfigError, match="reads no field"):
        ObjectInputs("jet", ())
    assert decide(menu, events).unsupported == {
        "L1_0": "JET20[JET-MODEL_tagger,JET-TAG_b]: needs the score 'tagger.b wins' of a network; bound are none"
    }
    wrong = {"tagger.b wins": np.zeros((4, 2), np.int8)}
    assert "must hold integer words of shape (4, 5)" in decide(menu, events, wrong).unsupported["L1_0"]


def test_two_scores_of_one_name_are_refused() -> None:
    cuts = {"JET-A": {"kind": "score", "output": "b-g", "minimum": 1}}
    menu = tagged_menu("JET20[T, JET-A]", "JET20[T, JET-SCORE_bg]", **cuts)
    with pytest.raises(ConfigError, match="call one of the networks otherwise"):
        _ = menu.object_scores


def test_a_threshold_that_is_not_derived_is_asked_for() -> None:
    events = Columns.of_events(tagged_events(4, np.random.default_rng(3)))
    menu = tagged_menu("JET20[T, JET-A]", **{"JET-A": {"kind": "score", "output": "b", "rate_khz": 5.0}})
    assert menu.unresolved == ("L1_0",)
    with pytest.raises(ConfigError, match="JET20: JET-A has no threshold yet; derive it with `l1ml menu thresholds`"):
        decide(menu, events, scores_of(menu, events, {"tagger": bound()}))


def _topo() -> dict[str, Any]:
    return {
        "TOPO-MODEL_t": {"kind": "model", "text": "tagger"},
        "TOPO-A": {"kind": "score", "output": "b", "minimum": 3},
    }


class _Three:
    """Three words in, three out."""

    name = "three"
    output_format = FixedPoint(18, 18)
    input_formats = (FixedPoint(18, 18),) * 3
    n_outputs = 3

    def predict(self, words: Any) -> Any:
        return words.astype(np.int64)


def test_cuts_of_the_toy_are_all_used() -> None:
    used = {name for leg in LEGS for name in CUTS if name in leg} | {"JET-MODEL_tagger"}
    assert used == set(CUTS)
    assert menu_from_mapping({"name": "x", "algorithm": [{"name": "A", "expression": "JET30"}]}, "x").object_scores == {}


def test_the_example_of_the_readme_is_a_menu() -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text()
    (example,) = re.findall(r"```toml\n((?:(?!```).)*?JET-TAG_top.*?)```", text, re.DOTALL)
    menu = menu_from_mapping({"name": "readme", **tomllib.loads(example)}, "README.md")
    assert menu.unresolved == ("L1_DoubleTop",)
    assert list(menu.object_scores) == ["tagger.top-q", "tagger.top wins"]
