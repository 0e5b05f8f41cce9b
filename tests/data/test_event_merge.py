from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equal_events import assert_same_events
from rich_events import RICH_SCHEMA, rich_events
from toy import toy_events

from l1ml.data import LEVEL1_SCHEMA, Events, EventWriter, file_info, read_events, split_of
from l1ml.data.event_merge import merge_events
from l1ml.data.event_split import split_events
from l1ml.errors import ConfigError, DataError, SchemaError


def write(path: Path, events: Events, process: str) -> Path:
    with EventWriter(path, LEVEL1_SCHEMA, process=process, provenance={"of": process}) as writer:
        writer.append(events)
    return path


def numbered(n: int, first: int, rng: np.random.Generator) -> Events:
    identity = np.arange(first, first + n, dtype=np.uint64)
    return replace(toy_events(n, rng), event=identity, group=identity)


def test_processes_become_a_column(tmp_path: Path, rng: np.random.Generator) -> None:
    signal, background = numbered(3000, 0, rng), numbered(9000, 0, rng)
    files = [write(tmp_path / "s.h5", signal, "signal"), write(tmp_path / "b.h5", background, "background")]
    assert merge_events(files, tmp_path / "m.h5") == 12000
    found = read_events(tmp_path / "m.h5")
    assert found.processes == ("signal", "background")
    np.testing.assert_array_equal(found.crossing["process"], np.repeat([0, 1], [3000, 9000]))
    np.testing.assert_array_equal(found.features(), Events.concatenate([signal, background]).features())
    sources = file_info(tmp_path / "m.h5")["provenance"]["merged_from"]
    assert [(item["file"], item["n_events"], item["provenance"]) for item in sources] == [
        ("s.h5", 3000, {"of": "signal"}), ("b.h5", 9000, {"of": "background"})
    ]  # fmt: skip
    assert sources[0]["digest"] == file_info(files[0])["digest"]


def test_merging_again_keeps_the_names(tmp_path: Path, rng: np.random.Generator) -> None:
    parts = {name: numbered(20, 100 * number, rng) for number, name in enumerate("abc")}
    files = {name: write(tmp_path / f"{name}.h5", events, name) for name, events in parts.items()}
    merge_events([files["b"], files["a"]], tmp_path / "ba.h5")
    merge_events([files["c"], tmp_path / "ba.h5"], tmp_path / "all.h5")
    found = read_events(tmp_path / "all.h5")
    assert [found.processes[number] for number in found.crossing["process"][::20]] == ["c", "b", "a"]


def test_parts_of_one_process_need_no_column(tmp_path: Path, rng: np.random.Generator) -> None:
    files = [write(tmp_path / f"{number}.h5", numbered(10, 10 * number, rng), "toy") for number in range(3)]
    merge_events(files, tmp_path / "m.h5")
    assert read_events(tmp_path / "m.h5").crossing == {}


def test_duplicates_are_refused_unless_wanted(tmp_path: Path, rng: np.random.Generator) -> None:
    files = [write(tmp_path / "a.h5", numbered(10, 0, rng), "toy"), write(tmp_path / "b.h5", numbered(10, 8, rng), "toy")]
    with pytest.raises(
        DataError, match=r"2 crossings are there twice: row 8 of .*a\.h5 is row 0 of .*b\.h5; .*--allow-duplicates"
    ):
        merge_events(files, tmp_path / "m.h5")
    assert not (tmp_path / "m.h5").exists()
    assert merge_events(files, tmp_path / "m.h5", allow_duplicates=True) == 20


def test_different_files_are_refused(tmp_path: Path, rng: np.random.Generator) -> None:
    toy = write(tmp_path / "a.h5", numbered(10, 0, rng), "toy")
    other = rich_events(10, rng)
    with EventWriter(tmp_path / "b.h5", RICH_SCHEMA, process=other.processes, provenance={}) as writer:
        writer.append(other)
    with pytest.raises(SchemaError, match="holds schema 'rich'"):
        merge_events([toy, tmp_path / "b.h5"], tmp_path / "m.h5")
    truth = write(tmp_path / "c.h5", replace(numbered(10, 10, rng), truth={"gen_ht": np.zeros(10, np.float32)}), "toy")
    with pytest.raises(SchemaError, match=r"a\.h5 and .*c\.h5 differ in the columns truth/gen_ht"):
        merge_events([toy, truth], tmp_path / "m.h5")


def test_a_split_does_not_depend_on_the_order(tmp_path: Path, rng: np.random.Generator) -> None:
    events = replace(numbered(9000, 0, rng), processes=("toy",))
    shuffled = events.select(rng.permutation(9000))
    seen = []
    for name, given in (("a", events), ("b", shuffled)):
        outputs = {tmp_path / f"{name}-train.h5": 0.7, tmp_path / f"{name}-test.h5": 0.3}
        counts = split_events(write(tmp_path / f"{name}.h5", given, "toy"), outputs)
        assert sum(counts.values()) == 9000
        seen.append([set(read_events(path).event.tolist()) for path in outputs])
    assert seen[0] == seen[1]
    assert_same_events(read_events(tmp_path / "a-test.h5"), events.select(split_of(events.group, (0.7, 0.3)) == 1))
    origin = file_info(tmp_path / "a-test.h5")["provenance"]
    assert (origin["part"], origin["split_from"]["file"]) == (1, "a.h5")


def test_an_impossible_split_leaves_nothing(tmp_path: Path, rng: np.random.Generator) -> None:
    path = write(tmp_path / "a.h5", numbered(2, 0, rng), "toy")
    with pytest.raises(DataError, match=r"no crossing of .* \(2 in all\) falls to .*; nothing was written"):
        split_events(path, {tmp_path / f"{name}.h5": 0.25 for name in "wxyz"})
    with pytest.raises(ConfigError, match="add up to 1"):
        split_events(path, {tmp_path / "x.h5": 0.5, tmp_path / "y.h5": 0.4})
    assert [item.name for item in tmp_path.iterdir()] == ["a.h5"]
