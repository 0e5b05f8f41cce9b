from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from decisions_toy import write_decisions
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.errors import DataError, SchemaError
from l1ml.trigger.decision_file import DecisionBatch, DecisionHeader
from l1ml.trigger.decision_writer import DecisionWriter
from l1ml.trigger.monitoring import decision_source
from l1ml.trigger.monitoring.decision_source import DecisionSource, is_decision_file
from l1ml.trigger.monitoring.pairing import Pairing
from l1ml.trigger.monitoring.recorded_bits import INITIAL

NAMES = ["L1_A", "L1_B", "L1_C"]


def decisions(path: Path, orbit: np.ndarray, bx: np.ndarray, **more: np.ndarray) -> DecisionSource:
    """A file whose first bits are those of the orbit number."""
    bits = (orbit[:, None] >> np.arange(3) & 1).astype(bool)
    return DecisionSource.open(write_decisions(path, NAMES, bits, {"orbit": orbit, "bx": bx, **more}))


def pairs_of(pairing: Pairing) -> list[tuple[int, int]]:
    """Orbit and bx of every pair, after a look that it is one."""
    found = []
    for pair in pairing:
        for name in ("orbit", "bx"):
            np.testing.assert_array_equal(pair.recorded.identity[name][pair.rows], pair.emulated.identity[name])
        np.testing.assert_array_equal(pair.recorded.bits[INITIAL][pair.rows], pair.emulated.bits[INITIAL])
        found += list(zip(pair.emulated.identity["orbit"].tolist(), pair.emulated.identity["bx"].tolist(), strict=True))
    return found


crossings = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), min_size=1, max_size=30, unique=True)


@given(crossings, crossings, st.booleans(), st.booleans())
@settings(deadline=None, max_examples=60)
def test_the_same_crossings_are_found_in_any_order(
    first: list[tuple[int, int]], second: list[tuple[int, int]], sort_first: bool, sort_second: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr(decision_source, "_ROWS", 4)
        files = []
        for name, rows, ordered in (("a", first, sort_first), ("b", second, sort_second)):
            orbit, bx = np.array(sorted(rows) if ordered else rows).T
            files.append(decisions(Path(folder) / f"{name}.h5", orbit, bx))
        pairing = Pairing(*files)
        found = pairs_of(pairing)
    assert len(found) == len(set(found))
    assert set(found) == set(first) & set(second)
    both = len(set(first) & set(second))
    assert (pairing.n_both, pairing.n_only_recorded, pairing.n_only_emulated) == (both, len(first) - both, len(second) - both)
    assert pairing.matched_by == "orbit, bx"
    assert len(pairing.first_unmatched) == min(5, pairing.n_only_recorded)


def test_the_best_identity_of_both_is_taken(tmp_path: Path) -> None:
    orbit, bx, event = np.array([3, 3, 4]), np.array([7, 8, 7]), np.array([2**40, 5, 6])
    first = decisions(tmp_path / "a.h5", orbit, bx, event=event, run=np.full(3, 9))
    assert Pairing(first, decisions(tmp_path / "b.h5", orbit, bx, event=event)).matched_by == "event"
    whole = decisions(tmp_path / "c.h5", orbit, bx, event=event, run=np.full(3, 9), lumi=np.full(3, 1))
    assert Pairing(first, whole).matched_by == "run, event"
    assert Pairing(whole, whole).matched_by == "run, luminosity block, event"


def test_by_place_only_where_nothing_identifies_and_all_that_is_known_agrees(tmp_path: Path) -> None:
    zero, bx = np.zeros(3, int), np.array([5, 5, 6])
    first, second = decisions(tmp_path / "a.h5", zero, bx), decisions(tmp_path / "b.h5", zero, bx)
    pairing = Pairing(first, second)
    assert pairs_of(pairing) == [(0, 5), (0, 5), (0, 6)]
    assert "their place in the file" in pairing.matched_by
    with pytest.raises(DataError, match=r"differ at the place 2: a\.h5 has orbit 0, bx 6, c\.h5 has orbit 0, bx 5"):
        pairs_of(Pairing(first, decisions(tmp_path / "c.h5", zero, np.array([5, 5, 5]))))
    with pytest.raises(DataError, match=r"a\.h5 has more than the 2 crossings of d\.h5"):
        pairs_of(Pairing(first, decisions(tmp_path / "d.h5", zero[:2], np.array([5, 5]))))
    with pytest.raises(DataError, match="has 3, fewer than the 4 crossings"):
        pairs_of(Pairing(first, decisions(tmp_path / "e.h5", np.zeros(4, int), np.array([5, 5, 6, 6]))))


def test_a_crossing_that_is_recorded_twice(tmp_path: Path) -> None:
    first = decisions(tmp_path / "a.h5", np.array([1, 2, 1]), np.array([4, 4, 4]))
    with pytest.raises(DataError, match=r"a\.h5 holds a crossing twice: orbit 1, bx 4"):
        pairs_of(Pairing(first, decisions(tmp_path / "b.h5", np.array([1, 2]), np.array([4, 4]))))


def test_files_that_are_no_decision_files_with_bits(tmp_path: Path) -> None:
    path = write_decisions(tmp_path / "a.h5", NAMES, np.ones((2, 3), bool), {"orbit": np.arange(2), "bx": np.arange(2)})
    assert is_decision_file(path)
    (tmp_path / "b.h5").write_bytes(path.read_bytes()[:900])
    assert not is_decision_file(tmp_path / "b.h5")
    assert not is_decision_file(tmp_path / "absent.h5")
    header = DecisionHeader(networks={"axo": "0" * 64})
    with DecisionWriter(tmp_path / "scores.h5", header) as writer:
        writer.append(DecisionBatch({"bx": np.arange(2)}, {"axo": np.arange(2)}), header, {})
    with pytest.raises(SchemaError, match="holds scores and no bits: emulate it with a menu"):
        DecisionSource.open(tmp_path / "scores.h5")
