from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from equal_events import assert_same_events
from root_toy import awkward, jagged, write_tree

from l1ml.data import Events
from l1ml.data.readers.jetclass import READER, iterate_jetclass, schema_of
from l1ml.errors import DataError, SchemaError

CLASSES = ("QCD", "Hbb", "Tbqq")
JOB = Path(__file__).parents[2] / "damage_job.py"


def columns(rng: np.random.Generator, n: int = 60) -> dict[str, np.ndarray]:
    counts = rng.integers(1, 9, n)
    total = int(counts.sum())
    lists = {
        name: rng.normal(size=total).astype(np.float32) for name in ("part_px", "part_py", "part_pz", "part_energy", "part_deta")
    }
    lists["part_charge"] = rng.integers(-1, 2, total).astype(np.float32)
    lists["part_isMuon"] = rng.random(total) < 0.1
    found = {name: jagged(counts, values) for name, values in lists.items()}
    found |= {"jet_pt": rng.uniform(500, 1000, n).astype(np.float32), "jet_nparticles": counts.astype(np.float32)}
    flags = np.eye(len(CLASSES), dtype=np.int32)[rng.integers(0, len(CLASSES), n)]
    found |= {f"label_{name}": np.ascontiguousarray(flags[:, index]) for index, name in enumerate(CLASSES)}
    return found | {"aux_genpart_pt": np.ones(n, np.float32)}


@pytest.fixture
def given(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return columns(rng)


@pytest.fixture
def file(tmp_path: Path, given: dict[str, np.ndarray]) -> Path:
    write_tree(tmp_path / "jets.root", {"tree": given}, per_basket=25)
    return tmp_path / "jets.root"


def read(path: Path, **options: object) -> Events:
    return Events.concatenate(list(iterate_jetclass(path, **options)))  # type: ignore[arg-type]


def test_every_number(file: Path, given: dict[str, np.ndarray]) -> None:
    events = read(file, chunk=7)
    events.validate()
    assert (events.n, events.schema) == (60, schema_of(file))
    part, valid = events.collections["constituent"], events.valid("constituent")
    assert valid.sum(axis=1).tolist() == awkward.num(given["part_px"]).tolist()
    for name in ("px", "py", "pz", "energy", "deta", "hw_charge", "hw_isMuon"):
        np.testing.assert_array_equal(part[name][valid], awkward.flatten(given[f"part_{name.removeprefix('hw_')}"]))
        assert not part[name][~valid].any()
    assert part["hw_isMuon"].dtype == np.int8
    np.testing.assert_array_equal(events.collections["jet"]["pt"][:, 0], given["jet_pt"])
    # branches come in the order of their names
    assert events.processes == ("Hbb", "QCD", "Tbqq")
    for index, name in enumerate(events.processes):
        np.testing.assert_array_equal(events.crossing["process"] == index, given[f"label_{name}"])


def test_branches_in_any_order(tmp_path: Path, file: Path, given: dict[str, np.ndarray], rng: np.random.Generator) -> None:
    write_tree(tmp_path / "b.root", {"tree": {str(name): given[name] for name in rng.permutation(list(given))}})
    assert_same_events(read(tmp_path / "b.root"), read(file))


def test_what_is_there_and_what_is_not(file: Path) -> None:
    assert READER.sniff(file)
    content = READER.describe(file)
    assert (content["n_events"], content["left_out"]) == (60, ["aux_genpart_pt"])
    assert {"part_dphi", "jet_tau1"} <= set(content["missing"])
    assert not {"part_deta", "jet_pt"} & set(content["missing"])


def test_more_constituents_than_slots(file: Path) -> None:
    with pytest.raises(DataError, match=r"entry \d+: \d constituents, 3 slots; pass truncate=True"):
        read(file, slots=3)
    whole, cut = read(file), read(file, slots=3, truncate=True)
    np.testing.assert_array_equal(cut.collections["constituent"]["px"], whole.collections["constituent"]["px"][:, :3])
    np.testing.assert_array_equal(cut.valid("constituent"), whole.valid("constituent")[:, :3])


def test_what_is_wrong_is_named(tmp_path: Path, given: dict[str, np.ndarray]) -> None:
    path = tmp_path / "a.root"
    write_tree(path, {"tree": {**given, "label_QCD": np.ones(60, np.int32)}})
    with pytest.raises(DataError, match=r"label_\*, row \d+: .* is not one of the 3 classes"):
        read(path)
    write_tree(path, {"tree": {**given, "part_charge": given["part_charge"] * 9}})
    with pytest.raises(DataError, match=r"part_charge.*is not a word of 3 bits"):
        read(path)
    write_tree(path, {"tree": {**given, "part_py": awkward.concatenate([given["part_py"][1:], given["part_py"][:1]])}})
    with pytest.raises(DataError, match="part_py has"):
        read(path)
    write_tree(path, {"tree": {name: column for name, column in given.items() if name != "part_px"}})
    assert not READER.sniff(path)
    with pytest.raises(SchemaError, match="has no tree with the branches part_px"):
        read(path)


def test_jets_without_classes(tmp_path: Path, given: dict[str, np.ndarray]) -> None:
    write_tree(tmp_path / "a.root", {"tree": {name: column for name, column in given.items() if not name.startswith("label_")}})
    events = read(tmp_path / "a.root")
    assert (events.processes, dict(events.crossing)) == ((), {})
    assert "label_*" in READER.describe(tmp_path / "a.root")["missing"]


def test_damaged_copies(file: Path) -> None:
    command = [sys.executable, str(JOB), "jetclass", str(file), "90", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    counts = json.loads(done.stdout)
    assert set(counts) <= {"refused", "equal", "other"}
    assert counts["refused"] > 40
