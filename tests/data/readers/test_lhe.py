from __future__ import annotations

import gzip
import re
from pathlib import Path

import numpy as np
import pytest
from hep_toy import lhe_text, write_text

from l1ml.data import Events, EventWriter, read_events
from l1ml.data.readers.lhe import READER, iterate_lhe, schema_of
from l1ml.data.readers.lhe_init import pythia_settings, read_init
from l1ml.errors import DataError, SchemaError

REAL = {
    "pylhe-testfile-madgraph-2.2.1-Z-mlm.lhe.gz": (10_000, 7, 3750.83600382),
    "pylhe-testfile-madgraph5-3.5.8-pp_to_jj.lhe.gz": (1000, 4, 6.996707e8),
    "pylhe-testfile-powheg-box-v2-Zj.lhe": (100, 7, 141.939),
    "pylhe-testfile-pythia-6.413-ttbar.lhe": (100, 12, 5.480362400000001),
}


def read(path: Path, **options: object) -> Events:
    return Events.concatenate(list(iterate_lhe(path, **options)))  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "exponent"), [("a.lhe", "E"), ("a.lhe.gz", "E"), ("a.lhe", "D")])
def test_every_number(tmp_path: Path, rng: np.random.Generator, name: str, exponent: str) -> None:
    text, tables = lhe_text(rng, exponent=exponent)
    events = read(write_text(tmp_path / name, text), chunk=7)
    events.validate()
    assert (events.n, events.schema) == (30, schema_of(tmp_path / name))
    particles, valid = events.collections["particle"], events.valid("particle")
    assert valid.sum(axis=1).tolist() == [len(table) for table in tables]
    names = [*(f"hw_{key}" for key in ("pdg_id", "status", "mother1", "mother2", "color1", "color2"))]
    names += ["px", "py", "pz", "energy", "mass", "lifetime", "spin"]
    for column, key in enumerate(names):
        given = np.concatenate([table[:, column] for table in tables])
        np.testing.assert_array_equal(particles[key][valid], given.astype(particles[key].dtype), err_msg=key)
        assert not particles[key][~valid].any()
    assert events.weight.tolist() == [event + 0.5 for event in range(30)]
    assert events.processes == ("lprup_11", "lprup_7")
    assert events.crossing["process"].tolist() == [int(event % 3 != 0) for event in range(30)]
    assert set(events.collections["hard_process"]["alpha_qcd"][:, 0].tolist()) == {np.float32(0.12)}


def test_weights_by_their_id(tmp_path: Path, rng: np.random.Generator) -> None:
    path = write_text(tmp_path / "a.lhe", lhe_text(rng)[0])
    assert read(path, weight="1").weight.tolist() == [event + 0.25 for event in range(1)] + [
        float(f"{n}.25") for n in range(1, 30)
    ]
    assert read(path, weight="mur2", chunk=4).weight[3] == -3.5
    with pytest.raises(SchemaError, match="event 0 has no weight 'muR2'; did you mean 'mur2'"):
        read(path, weight="muR2")


def test_the_block_before_the_events(tmp_path: Path, rng: np.random.Generator) -> None:
    path = write_text(tmp_path / "a.lhe", lhe_text(rng)[0])
    init = read_init(path)
    assert (init.beams, init.energies_gev, init.strategy) == ((2212, 2212), (6500, 6500), -4)
    assert [(item.name, item.cross_section_pb, item.error_pb) for item in init.processes] == [
        ("lprup_11", 15, 0.1),
        ("lprup_7", 0.5, 0.01),
    ]
    assert READER.describe(path)["init"]["cross_section_pb"] == 15.5


def test_more_particles_than_slots(tmp_path: Path, rng: np.random.Generator) -> None:
    path = write_text(tmp_path / "a.lhe", lhe_text(rng)[0])
    with pytest.raises(DataError, match=r"event \d+: \d particles, 3 slots; pass truncate=True"):
        read(path, slots=3)
    cut, whole = read(path, slots=3, truncate=True), read(path)
    np.testing.assert_array_equal(cut.collections["particle"]["pz"], whole.collections["particle"]["pz"][:, :3])
    with pytest.raises(DataError, match="slots is 0"):
        read(path, slots=0)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("</LesHouchesEvents>", "", "truncated: after 30 events"),
        ("</event>\n</LesHouchesEvents>", "", "truncated: after 29 events"),
        ("<LesHouchesEvents", "<Other", "is not a Les Houches event file"),
        ("</init>", "", "has no block <init>"),
        (" 2\n 1.5E+01", " 3\n 1.5E+01", "block <init> cannot be read"),
        (" 2\n 1.5E+01", " 999999999\n 1.5E+01", "block <init> cannot be read"),
        ("1.0E+00 7\n", "1.0E+00 11\n", "two processes have one number"),
        (" 7 1.500000E+00", " 8 1.500000E+00", "event 1: process 8 is not among"),
        ("1.500000E+00", "nan", "event 1: expected 6 finite numbers"),
        ("1000822080", "3000000000", "is not an integer of 32 bits"),
        ("1000822080 ", "10008.5 ", "is not an integer of 32 bits"),
        ("1000822080 ", "quark ", r"event \d+: expected 13 finite numbers, received 'quark"),
        ("1000822080 ", "", r"event \d+: expected 13 finite numbers"),
        ("<event>", "<evnt>", "event 0: </event> without <event>"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, rng: np.random.Generator, old: str, new: str, message: str) -> None:
    text = lhe_text(rng)[0]
    assert old in text
    with pytest.raises((DataError, SchemaError), match=message):
        read(write_text(tmp_path / "a.lhe", text.replace(old, new, 1)), slots=9, chunk=1)


def test_a_number_of_particles_that_is_not_there(tmp_path: Path, rng: np.random.Generator) -> None:
    text = lhe_text(rng)[0]
    wrong = re.sub(r"<event>\n \d", "<event>\n 999999999", text, count=1)
    with pytest.raises(DataError, match="event 0: its first line"):
        read(write_text(tmp_path / "a.lhe", wrong))


@pytest.mark.parametrize(("name", "facts"), REAL.items())
def test_public_files(tmp_path: Path, real_data: Path, name: str, facts: tuple[int, int, float]) -> None:
    path = real_data / "lhe-hepmc" / name
    assert READER.sniff(path)
    events = read(path, chunk=3000)
    events.validate()
    assert (events.n, events.schema.objects[0].n_slots, read_init(path).cross_section_pb) == facts
    particles, incoming = events.collections["particle"], events.collections["particle"]["hw_status"] == -1
    final = particles["hw_status"] == 1
    # four-momentum is conserved, as far as float32 goes
    for name_of in ("px", "py", "pz", "energy"):
        column = particles[name_of].astype(np.float64)
        balance = np.where(incoming, column, 0).sum(axis=1) - np.where(final, column, 0).sum(axis=1)
        assert np.abs(balance).max() < 2e-3
    with EventWriter(tmp_path / "e.h5", events.schema, process=events.processes, provenance={}) as writer:
        writer.append(events)
    np.testing.assert_array_equal(read_events(tmp_path / "e.h5").collections["particle"]["hw_pdg_id"], particles["hw_pdg_id"])


def test_pythia_reads_the_file(real_data: Path) -> None:
    pythia8 = pytest.importorskip("pythia8mc")
    path = real_data / "lhe-hepmc" / "pylhe-testfile-powheg-box-v2-Zj.lhe"
    pythia = pythia8.Pythia("", False)
    for line in ("Print:quiet = on", "PartonLevel:all = off", "HadronLevel:all = off", "PDF:pSet = 1", *pythia_settings(path)):
        assert pythia.readString(line)
    assert pythia.init()
    hard = []
    while pythia.next():
        hard.append([pythia.process[slot].pz() for slot in (3, 4)])
    assert len(hard) == 100
    np.testing.assert_array_equal(np.array(hard, np.float32), read(path).collections["particle"]["pz"][:, :2])


def test_what_pythia_cannot_open(tmp_path: Path, rng: np.random.Generator) -> None:
    text = lhe_text(rng)[0]
    assert pythia_settings(write_text(tmp_path / "a.lhe", text))[1] == f"Beams:LHEF = {tmp_path / 'a.lhe'}"
    (tmp_path / "b.lhe").write_bytes(gzip.compress(text.encode()))
    with pytest.raises(SchemaError, match=r"unpacks what is called \.gz \(packed here\)"):
        pythia_settings(tmp_path / "b.lhe")
    with pytest.raises(SchemaError, match="takes no blanks in a path"):
        pythia_settings(write_text(tmp_path / "a b.lhe", text))
    with pytest.raises(DataError, match="has no whole event"):
        pythia_settings(write_text(tmp_path / "c.lhe", text[: text.index("</event>")]))
