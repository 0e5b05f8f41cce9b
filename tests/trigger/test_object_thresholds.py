"""Thresholds on classes of jets at the rate of a seed, against the jet that decides in each crossing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tagged_toy import SCHEMA, bound, portable, tagged_events, tagged_menu
from trigger_toy import KHZ

from l1ml.cli.main import main
from l1ml.data import EventWriter
from l1ml.errors import ConfigError, DataError
from l1ml.trigger import Columns, Menu, decide, resolve_thresholds, threshold_at_rate
from l1ml.trigger.menus.toml_menu import read_toml_menu, write_toml_menu
from l1ml.trigger.networks import scores_of

NETWORKS = {"tagger": bound()}
DIGESTS = {"tagger": bound().digest}
LEG = "JET10[T, JET-A]"
SEEDS = {1: LEG, 2: f"comb{{{LEG}, {LEG}}}", 3: f"comb{{{LEG}, {LEG}, {LEG}}}"}


def asking(rate_khz: float, *expressions: str, **keys: Any) -> Menu:
    cut = {"kind": "score", "rate_khz": rate_khz, "output": "b", **keys}
    return tagged_menu(*expressions, **{"JET-A": cut})


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([1, 2, 3]), st.floats(0.001, 1.0), st.integers(0, 2**32 - 1), st.booleans())
def test_it_is_the_threshold_of_the_jet_that_decides(needed: int, share: float, seed: int, difference: bool) -> None:
    """That of rank `needed`: the largest score for one jet, the second for two."""
    rng = np.random.default_rng(seed)
    events = tagged_events(60, rng)
    weight, columns = rng.random(60) + 0.1, Columns.of_events(events)
    menu = asking(share * KHZ, SEEDS[needed], **({"against": "g"} if difference else {}))
    scores = scores_of(menu, columns, NETWORKS)
    ((name, words),) = scores.items()
    assert name == ("tagger.b-g" if difference else "tagger.b")
    ranked = -np.sort(-np.where(events.collections["jet"]["hw_pt"] >= 20, words, -(10**6)), axis=1)
    expected = threshold_at_rate(ranked[:, needed - 1].astype(np.int64), weight, share * KHZ, menu.rates.khz)
    resolved = resolve_thresholds(menu, scores, weight, DIGESTS, columns)
    window = resolved.definitions.object_cuts["JET-A"].window
    assert window is not None
    assert window.minimum == max(expected, int(words.min()))
    fired = decide(resolved, columns, scores)["L1_0"]
    assert weight[fired].sum() / weight.sum() * menu.rates.khz <= share * KHZ
    assert resolved.networks == DIGESTS
    assume(window.minimum > int(words.min()))
    looser = asking(share * KHZ, SEEDS[needed], **({"against": "g"} if difference else {}), minimum=window.minimum - 1)
    assert weight[decide(looser, columns, scores)["L1_0"]].sum() / weight.sum() * menu.rates.khz > share * KHZ


def test_two_working_points_and_other_cuts_keep_their_words() -> None:
    events = tagged_events(400, np.random.default_rng(5))
    columns = Columns.of_events(events)
    wanted = {f"JET-{rate}": {"kind": "score", "rate_khz": float(rate), "output": "top"} for rate in (1000, 4000)}
    menu = tagged_menu("JET10[T, JET-1000]", "JET10[T, JET-4000, JET-SCORE_b60]", **wanted)
    scores = scores_of(menu, columns, NETWORKS)
    resolved = resolve_thresholds(menu, scores, events.weight, DIGESTS, columns)
    words = {name: cut.window.minimum for name, cut in resolved.definitions.object_cuts.items() if cut.window is not None}
    assert words["JET-SCORE_b60"] == 60
    decisions = decide(resolved, columns, scores)
    for name, rate in (("L1_0", 1000), ("L1_1", 4000)):
        assert 0 < decisions[name].mean() * resolved.rates.khz <= rate
    with pytest.raises(ConfigError, match="'tagger' belong to model 0123"):
        resolve_thresholds(
            tagged_menu("JET10[T, JET-1000, JET-SCORE_b60]", networks={"tagger": "0123"}, **wanted),
            scores,
            events.weight,
            DIGESTS,
            columns,
        )


@pytest.mark.parametrize(
    ("expressions", "message"),
    [
        ((LEG, f"comb{{{LEG}, {LEG}}}"), r"'JET-A' has one threshold, and stands in JET10\[.* and in comb"),
        (("comb{JET10[T, JET-A], JET10[T, JET-B]}",), "asks for thresholds of JET-A, JET-B, and one rate gives one threshold"),
        (
            ("comb_orm{JET10, JET10, JET10[T, JET-A]}[ORM]",),
            "thresholds of JET-A, and an overlap removal has no rate that falls with a score",
        ),
    ],
)
def test_what_has_no_threshold_at_a_rate(expressions: tuple[str, ...], message: str) -> None:
    cuts = {name: {"kind": "score", "rate_khz": 5.0, "output": "b"} for name in ("JET-A", "JET-B")}
    columns = Columns.of_events(tagged_events(4, np.random.default_rng(1)))
    with pytest.raises(ConfigError, match=message):
        resolve_thresholds(tagged_menu(*expressions, **cuts), {}, np.ones(4), DIGESTS, columns)


def test_what_a_threshold_needs() -> None:
    menu, columns = asking(5.0, LEG), Columns.of_events(tagged_events(4, np.random.default_rng(1)))
    with pytest.raises(ConfigError, match=r"'JET-A' is that of a rate of JET10.*: give the crossings"):
        resolve_thresholds(menu, {}, np.ones(4), DIGESTS)
    with pytest.raises(ConfigError, match="'JET-A' needs a model for the network 'tagger'; did you mean 'taggers'"):
        resolve_thresholds(menu, {}, np.ones(4), {"taggers": "0"}, columns)
    with pytest.raises(DataError, match=r"needs the score 'tagger\.b' of a network; bound are none"):
        resolve_thresholds(menu, {}, np.ones(4), DIGESTS, columns)
    none = Columns.of_events(tagged_events(0, np.random.default_rng(1)))
    with pytest.raises(DataError, match="needs zero-bias crossings, received none"):
        resolve_thresholds(menu, scores_of(menu, none, NETWORKS), np.ones(0), DIGESTS, none)


def test_from_files_to_rates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Thresholds, then the rates of the menu with them: the seed is below the rate that it was asked for."""
    events = tagged_events(2000, np.random.default_rng(7))
    with EventWriter(tmp_path / "zb.h5", SCHEMA, process="toy", provenance={}) as writer:
        writer.append(events)
    portable().save(tmp_path / "tagger.h5")
    (tmp_path / "networks.toml").write_text(
        '[tagger]\nmodel = "tagger.h5"\ncollection = "jet"\nfields = ["f0", "f1", "f2", "f3"]\nlabels = ["b", "g", "top"]\n'
    )
    write_toml_menu(tmp_path / "menu.toml", asking(900.0, SEEDS[2], "JET30"))
    common = ["--on", str(tmp_path / "zb.h5"), "--networks", str(tmp_path / "networks.toml"), "--json"]
    output = tmp_path / "resolved.toml"
    assert main(["menu", "thresholds", "--menu", str(tmp_path / "menu.toml"), "--output", str(output), *common]) == 0
    (row,) = json.loads(capsys.readouterr().out)["thresholds"]
    assert (row["cut"], row["rate_khz"]) == ("JET-A", 900.0)
    assert read_toml_menu(output).networks == DIGESTS
    assert main(["menu", "rates", "--menu", str(output), *common]) == 0
    content = json.loads(capsys.readouterr().out)
    rates = {item["name"]: item["rate_khz"] for item in content["rows"]}
    assert 450.0 < rates["L1_0"] <= 900.0
    assert content["networks"] == DIGESTS
