from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hep_toy import HEPMC_END, hepmc_text, write_text
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.data import Events
from l1ml.data.readers.hepmc import READER, iterate_hepmc, schema_of
from l1ml.data.readers.particle_text import text_stream
from l1ml.errors import DataError, SchemaError

REALS = ("px", "py", "pz", "energy", "mass")


def read(path: Path, **options: object) -> Events:
    return Events.concatenate(list(iterate_hepmc(path, **options)))  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "unit"), [("a.hepmc3", "GEV"), ("a.hepmc", "MEV"), ("a.hepmc.gz", "GEV")])
def test_every_number(tmp_path: Path, rng: np.random.Generator, name: str, unit: str) -> None:
    text, tables = hepmc_text(rng, unit=unit)
    events = read(write_text(tmp_path / name, text), chunk=7)
    events.validate()
    assert (events.n, events.schema) == (30, schema_of(tmp_path / name))
    assert events.event.tolist() == list(range(100, 130))
    assert events.weight.tolist() == [event + 0.5 for event in range(30)]
    particles, valid = events.collections["particle"], events.valid("particle")
    assert valid.sum(axis=1).tolist() == [len(table) for table in tables]
    flat, scale = np.concatenate(tables), {"GEV": 1.0, "MEV": 1e-3}[unit]
    for column, key in ((1, "hw_parent"), (2, "hw_pdg_id"), (8, "hw_status")):
        np.testing.assert_array_equal(particles[key][valid], flat[:, column])
    for column, key in enumerate(REALS, start=3):
        np.testing.assert_array_equal(particles[key][valid], (flat[:, column] * scale).astype(np.float32))


def test_the_final_state_alone(tmp_path: Path, rng: np.random.Generator) -> None:
    text, tables = hepmc_text(rng)
    events = read(write_text(tmp_path / "a.hepmc", text), status=[1], chunk=4)
    valid = events.valid("particle")
    assert valid.sum(axis=1).tolist() == [int((table[:, 8] == 1).sum()) for table in tables]
    final = np.concatenate([table[table[:, 8] == 1] for table in tables])
    np.testing.assert_array_equal(events.collections["particle"]["px"][valid], final[:, 3].astype(np.float32))


def test_weights_by_their_name(tmp_path: Path, rng: np.random.Generator) -> None:
    text = hepmc_text(rng)[0]
    path = write_text(tmp_path / "a.hepmc", text)
    assert read(path, weight="muR=2").weight.tolist() == [-event for event in range(30)]
    with pytest.raises(SchemaError, match="has no weight 'muR'; did you mean 'muR=2'"):
        read(path, weight="muR")
    bare = "\n".join(line for line in text.split("\n") if line[:2] != "W ")
    path = write_text(tmp_path / "b.hepmc", bare)
    assert READER.describe(path)["missing"] == ["weights"]
    assert set(read(path).weight.tolist()) == {1.0}
    with pytest.raises(SchemaError, match="its weights have no names"):
        read(path, weight="muR")


def test_a_line_without_a_status(tmp_path: Path, rng: np.random.Generator) -> None:
    text, tables = hepmc_text(rng)
    line = f"{tables[0][0, 7]:.16e} {tables[0][0, 8]:.0f}\n"
    path = write_text(tmp_path / "a.hepmc", text.replace(line, line[:-2] + "\n", 1))
    with pytest.raises(DataError, match=r"see status_if_absent\), event 0: expected 9 finite numbers"):
        read(path)
    assert read(path, status_if_absent=7).collections["particle"]["hw_status"][0, 0] == 7


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (HEPMC_END, "", "truncated: in or after event 29"),
        ("Asciiv3-START", "IO_GenEvent-START", "not a HepMC3 text file .* but HepMC2"),
        ("START_EVENT", "START_EVNT", "not a HepMC3 text file .* but something else"),
        ("E 103 1 ", "E 103 1 9", "event 3: .* particles are declared"),
        ("E 103 1 ", "E -3 1 ", "event 3: .* number -3"),
        ("E 103 1 ", "E 99999999999999999999999 1 ", "event 3: .* number 99999"),
        ("E 103 1 ", "E x 1 ", "event 3: its number, units or weights"),
        ("U GEV MM\n", "", "event 0: .*units unknown"),
        ("U GEV MM\n", "U TEV MM\n", "event 0: its number, units or weights cannot be read .KeyError"),
        ("W 3.5 ", "W x ", "event 3: its number, units or weights"),
        ("W 3.5 ", "W nan ", "event 3: .*weight nan"),
        ("\nP 2 0 ", "\nP 3 0 ", "event 0: particle 2 has the number 3"),
        ("\nP 2 0 ", "\nP 2 0.5 ", "parent, events 0 to 0: 0.5 is not an integer"),
        ("\nP 2 0 ", "\nP 2 inf ", "event 0: expected 9 finite numbers"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, rng: np.random.Generator, old: str, new: str, message: str) -> None:
    text = hepmc_text(rng)[0]
    assert old in text
    with pytest.raises((DataError, SchemaError), match=message):
        read(write_text(tmp_path / "a.hepmc", text.replace(old, new, 1)), slots=30, chunk=1)


def test_no_events_at_all(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.hepmc", "HepMC::Version 3.02.05\nHepMC::Asciiv3-START_EVENT_LISTING\n" + HEPMC_END)
    assert list(iterate_hepmc(path)) == []
    assert READER.describe(path)["n_events"] == 0


def test_a_public_file(real_data: Path) -> None:
    path = real_data / "lhe-hepmc" / "ttbarsplit-12evt-1108prim.hepmc3"
    assert READER.sniff(path)
    # six of its 1108 lines end before the status
    with pytest.raises(DataError, match="event 0: expected 9 finite numbers, received '48 0 1 "):
        read(path)
    events = read(path, status_if_absent=0)
    events.validate()
    particles, valid = events.collections["particle"], events.valid("particle")
    assert (events.n, int(valid.sum()), int((particles["hw_status"][valid] == 0).sum())) == (12, 1108, 6)
    top = np.isin(np.abs(particles["hw_pdg_id"]), [24])
    np.testing.assert_allclose(particles["mass"][top & (particles["mass"] > 0)], 80.4, atol=12)


def test_an_event_without_an_end_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_text(tmp_path / "a.hepmc.gz", "HepMC::Asciiv3-START_EVENT_LISTING\n" + "0" * 100_000)
    monkeypatch.setattr("l1ml.data.readers.particle_text._READ", 1000)
    monkeypatch.setattr("l1ml.data.readers.particle_text._RECORD_MOST", 10_000)
    with pytest.raises(DataError, match="is damaged or of another format"):
        read(path)


@settings(max_examples=60, deadline=None)
@given(text=st.binary(max_size=60), marker=st.binary(min_size=1, max_size=3), piece=st.integers(1, 7))
def test_a_stream_is_cut_where_the_text_would_be(
    tmp_path_factory: pytest.TempPathFactory, text: bytes, marker: bytes, piece: int
) -> None:
    path = tmp_path_factory.mktemp("text") / "a"
    path.write_bytes(b"-" + text)
    with pytest.MonkeyPatch.context() as patch, text_stream(path) as stream:
        patch.setattr("l1ml.data.readers.particle_text._READ", piece)
        parts = []
        while (part := stream.until(marker)) is not None:
            parts.append(part)
        assert [*parts, stream.rest()] == (b"-" + text).split(marker)
