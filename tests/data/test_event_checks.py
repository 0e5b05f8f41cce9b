from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from rich_events import RICH_SCHEMA, rich_events
from toy import toy_events
from version_1 import write_version_1

from l1ml.data import LEVEL1_SCHEMA, Events, EventWriter
from l1ml.data.event_checks import check_events
from l1ml.errors import DataError


@pytest.fixture
def path(tmp_path: Path, rng: np.random.Generator) -> Path:
    events = rich_events(9000, rng)
    with EventWriter(tmp_path / "a.h5", RICH_SCHEMA, process=events.processes, provenance={}) as writer:
        writer.append(events)
    return tmp_path / "a.h5"


def test_a_good_file_has_no_problems(path: Path) -> None:
    check = check_events(path)
    assert (check.n_events, check.n_problems, check.problems) == (9000, 0, ())


@pytest.mark.parametrize(
    ("column", "place", "value", "message"),
    [
        ("collections/jet/hw_pt", (8500, 1), 2048, r"jet/hw_pt holds 2048 at row 8500, slot 1: outside 0\.\.2047 \(11 bits\)"),
        ("collections/constituent/eta", (3, 0), np.nan, "constituent/eta holds nan at row 3, slot 0: not a number"),
        ("weight", (4,), np.inf, "weight holds inf at row 4: not a number"),
        ("crossing/bx", (0,), 3564, r"crossing/bx holds 3564 at row 0: outside 0\.\.3563"),
        ("crossing/process", (5,), 2, r"crossing/process holds 2 at row 5: outside 0\.\.1"),
    ],
)
def test_a_wrong_value_is_named(path: Path, column: str, place: tuple[int, ...], value: float, message: str) -> None:
    with h5py.File(path, "a") as file:
        file[column][place] = value
    problems = "\n".join(check_events(path).problems)
    assert re.search(message, problems)
    assert "their digest differs" in problems


def test_a_changed_word_is_found_though_it_is_in_range(path: Path) -> None:
    with h5py.File(path, "a") as file:
        file["collections/jet/hw_pt"][8191, 0] ^= 1
    assert check_events(path).problems == ("rows 0 to 8191 are not those that were written: their digest differs",)


def test_an_object_behind_its_mask_is_named(path: Path) -> None:
    with h5py.File(path, "a") as file:
        hidden = np.argwhere(~file["collections/constituent/valid"][:])[0]
        file["collections/constituent/pt"][tuple(hidden)] = 5
    assert "constituent/pt holds 5.0" in check_events(path).problems[0]
    assert "mask says that the slot is empty" in check_events(path).problems[0]


def test_crossings_that_are_there_twice(tmp_path: Path, events: Events) -> None:
    def n_problems(given: Events, name: str) -> int:
        with EventWriter(tmp_path / name, LEVEL1_SCHEMA, process="toy", provenance={}) as writer:
            writer.append(given)
        return check_events(tmp_path / name).n_problems

    twice = Events.concatenate([events, events])
    assert n_problems(twice, "a.h5") == 50
    run = np.repeat([1, 2], 50)
    assert n_problems(replace(twice, crossing={"run": run}), "b.h5") == 0
    assert "rows 0 and 50 are the same crossing" in check_events(tmp_path / "a.h5").problems


def test_an_old_file_is_checked_as_far_as_it_goes(tmp_path: Path, rng: np.random.Generator) -> None:
    write_version_1(tmp_path / "a.h5", toy_events(100, rng))
    assert check_events(tmp_path / "a.h5").to_dict() == {
        "path": str(tmp_path / "a.h5"), "n_events": 100, "digest": None, "n_problems": 0, "problems": ()
    }  # fmt: skip


def test_a_block_that_cannot_be_read_is_one_problem(path: Path) -> None:
    with h5py.File(path) as file:
        chunk = file["event"].id.get_chunk_info(1)
    content = bytearray(path.read_bytes())
    content[chunk.byte_offset + 5] ^= 0xFF
    path.write_bytes(content)
    problems = check_events(path).problems
    assert len(problems) == 1
    assert "is damaged at event, rows from 8192" in problems[0]


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        check_events(tmp_path / "a.h5")
