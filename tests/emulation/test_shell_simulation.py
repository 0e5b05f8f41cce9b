from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shell_toy
from shell_toy import FIRMWARE, JETS, MIXED

from l1ml.conversion.shell import ScoreCut
from l1ml.data.ugt_vectors import Crossings, read_vectors, write_vectors
from l1ml.emulation.shell_simulation import ShellOutput, ShellSimulation, Stimulus, pieces
from l1ml.errors import BitMismatchError, DataError, SchemaError

MIXED_THRESHOLDS = {"tight": 60, "loose": 9, "at_5": 30}
JET_CUTS = {"a": ScoreCut(-60), "b": ScoreCut(200, 1), "c": ScoreCut(0, 2), "d": ScoreCut(-40), "e": ScoreCut(250, 1)}


@pytest.fixture(scope="module")
def orbit(tmp_path_factory: pytest.TempPathFactory) -> Crossings:
    """An orbit of ours, written to a vector file and read again."""
    path = tmp_path_factory.mktemp("vectors") / "synthetic_2024.txt.gz"
    write_vectors(path, shell_toy.random_orbit(np.random.default_rng(7)))
    return read_vectors(path)


@pytest.fixture(scope="module")
def mixed() -> ShellSimulation:
    return ShellSimulation(shell_toy.toy_project(MIXED), MIXED_THRESHOLDS, FIRMWARE)


@pytest.fixture(scope="module")
def jets() -> ShellSimulation:
    lowest = ScoreCut(shell_toy.toy_model(JETS).output_format.min_word, 2)
    return ShellSimulation(shell_toy.toy_project(JETS), JET_CUTS | {"lowest": lowest}, FIRMWARE)


def require_equal(found: ShellOutput, objects: shell_toy.Objects, crossings: Crossings, thresholds: dict[str, int]) -> None:
    """Every word, bit and number of the shell is that of Python."""
    model = shell_toy.toy_model(objects)
    np.testing.assert_array_equal(found.bx, crossings.bx)
    np.testing.assert_array_equal(found.scores, shell_toy.python_scores(model, objects, crossings))
    np.testing.assert_array_equal(found.bits, shell_toy.python_bits(model, objects, crossings, thresholds))


@pytest.mark.parametrize("spacing", [None, 1, 5])
def test_every_bit_of_an_orbit(mixed: ShellSimulation, orbit: Crossings, spacing: int | None) -> None:
    played = mixed.play(orbit, spacing)
    require_equal(played, MIXED, orbit, MIXED_THRESHOLDS)
    assert played.bits.any(axis=0).all()
    assert not played.bits.all(axis=0).any()
    assert (played.scores == MIXED_THRESHOLDS["loose"]).any()  # a score at the threshold itself fires
    assert len(np.unique(played.scores)) > 100


def test_a_tagger_with_a_signed_score_for_each_class(jets: ShellSimulation, orbit: Crossings) -> None:
    played = jets.play(orbit)
    np.testing.assert_array_equal(played.bx, orbit.bx)
    scores = shell_toy.python_scores(shell_toy.toy_model(JETS), JETS, orbit)
    assert scores.shape == (len(orbit), 3)
    np.testing.assert_array_equal(played.scores, scores)
    np.testing.assert_array_equal(played.bits, shell_toy.python_bits(shell_toy.toy_model(JETS), JETS, orbit, jets.shell.cuts))
    assert (scores < 0).any()
    assert played.bits[:, -1].all()
    assert all(0 < share < 1 for share in played.bits[:, :-1].mean(axis=0))
    assert len(np.unique(played.bits, axis=0)) >= 8


def test_latency_is_whole_crossings(mixed: ShellSimulation, jets: ShellSimulation) -> None:
    for shell in (mixed.shell, jets.shell):
        assert shell.clocks_per_crossing == 6
        assert shell.latency_cycles % 6 == 0
        assert 2 <= shell.latency_cycles - shell.kernel_cycles < 2 + 6


def test_gaps_and_what_lies_in_them(mixed: ShellSimulation, orbit: Crossings, rng: np.random.Generator) -> None:
    n = 2000
    rows = rng.integers(0, len(orbit), n)
    valid = (rng.random(n) < 0.4) | (np.arange(n) == 0)  # the first one comes with the reset and is dropped
    output = mixed.clock(orbit, Stimulus(rows, valid, np.arange(n) == 0))
    delay = mixed.shell.latency_cycles - 1
    expected = np.append(np.zeros(delay + 1, np.bool_), valid[1 : n - delay])
    np.testing.assert_array_equal(output.valid, expected)
    assert not output.bits[~output.valid].any()
    entered = orbit.select(rows[: n - delay][expected[delay:]])
    require_equal(output.select(output.valid), MIXED, entered, MIXED_THRESHOLDS)


def test_reset_in_the_middle_drops_what_is_on_the_way(mixed: ShellSimulation, orbit: Crossings) -> None:
    delay, at, n = mixed.shell.latency_cycles - 1, 50, 120
    rows = np.arange(n)
    clock = np.arange(n)
    output = mixed.clock(orbit, Stimulus(rows, np.ones(n, np.bool_), (clock == 0) | (clock == at)))
    # a crossing that entered at clock c comes out at c + delay, unless a reset came at c or on the way
    there = (clock > delay) & ~((clock >= at) & (clock <= at + delay))
    np.testing.assert_array_equal(output.valid, there)
    assert not output.bits[~there].any()
    require_equal(output.select(there), MIXED, orbit.select(clock[there] - delay), MIXED_THRESHOLDS)


def test_before_a_reset_nothing_is_promised_and_after_one_everything(mixed: ShellSimulation, orbit: Crossings) -> None:
    n = 40
    none = np.zeros(n, np.bool_)
    without = mixed.clock(orbit, Stimulus(np.arange(n), none, none))
    assert without.valid[: mixed.shell.latency_cycles].any()  # registers start with random bits, so this can be seen
    assert not without.valid[mixed.shell.latency_cycles :].any()
    assert not mixed.clock(orbit, Stimulus(np.arange(n), none, np.arange(n) == 0)).valid.any()


def test_words_are_fed_as_they_stand_in_the_file(orbit: Crossings) -> None:
    words = pieces(orbit)
    assert words.shape == (len(orbit), 64)
    assert int(words[5, 0]) | int(words[5, 1]) << 32 == int(orbit.words["muon"][5, 0])
    np.testing.assert_array_equal(words[:, 16:28], orbit.words["egamma"])
    np.testing.assert_array_equal(words[:, 58:], orbit.words["link11"])


def test_a_wrong_latency_is_found(mixed: ShellSimulation, orbit: Crossings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(mixed.shell), "latency_cycles", property(lambda _: 11))
    with pytest.raises(BitMismatchError, match="valid is"):
        mixed.play(orbit.select(slice(0, 9)))


def test_refusals(mixed: ShellSimulation, orbit: Crossings, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="received 0 and 6"):
        mixed.play(orbit.select(slice(0, 0)))
    with pytest.raises(DataError, match="received 3564 and 0"):
        mixed.play(orbit, 0)
    with pytest.raises(DataError, match="crossings 0 to 3564, there are 3564"):
        mixed.clock(orbit, Stimulus(np.array([0, 3564]), np.ones(2, np.bool_), np.zeros(2, np.bool_)))
    with pytest.raises(DataError, match="have the shapes"):
        Stimulus(np.zeros(2, np.int64), np.ones(3, np.bool_), np.zeros(2, np.bool_))
    with pytest.raises(SchemaError, match="these crossings are of 2018"):
        mixed.play(shell_toy.random_orbit(np.random.default_rng(0), 5, "2018"))
    with pytest.raises(DataError, match=r"ugt_words_2024\.sv is missing"):
        ShellSimulation(shell_toy.toy_project(MIXED), MIXED_THRESHOLDS, tmp_path)
