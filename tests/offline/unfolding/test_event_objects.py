from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from l1ml.data import Events, EventWriter
from l1ml.data.schema import EventSchema, ObjectSchema, RealField
from l1ml.errors import ConfigError, DataError, SchemaError
from offline.cli.main import main
from offline.unfolding import ObjectQuantities, measured_from_events, simulation_from_events
from offline.unfolding.configuration import read_configuration
from offline.unfolding.event_objects import objects_of
from offline.unfolding.inputs import read_inputs
from offline.unfolding.unfolded_file import read_unfolded

QUANTITIES = (RealField("pt", "GeV"), RealField("phi", "rad"))
SCHEMA = EventSchema(
    "jets_and_particles",
    1,
    tuple(
        ObjectSchema(f"{level}_{name}", slots, (), QUANTITIES)
        for level, slots in (("gen", 5), ("reco", 3))
        for name, slots in (("jet", 1), ("particle", slots))
    ),
)


def jets(n: int, rng: np.random.Generator) -> Events:
    """`n` jets with particles, of which there may be none."""
    collections = {
        item.name: {
            "pt": rng.lognormal(size=(n, item.n_slots)).astype(np.float32),
            "phi": rng.uniform(-3, 3, (n, item.n_slots)).astype(np.float32),
        }
        for item in SCHEMA.objects
    }
    masks = {item.name: rng.random((n, item.n_slots)) < 0.7 for item in SCHEMA.objects}
    rows = rng.integers(0, 2**63, n, dtype=np.uint64)
    return Events(SCHEMA, collections, np.ones(n), rows, rows, masks=masks)


def _write(path: Path, events: Events) -> None:
    with EventWriter(path, SCHEMA, process="toy", provenance={}) as writer:
        writer.append(events)


def test_sets_beside_the_first_jet(rng: np.random.Generator) -> None:
    events = jets(200, rng)
    wanted = ObjectQuantities(("pt", "phi"), ("phi",), angles=("phi",))
    mc = simulation_from_events(events, ["pt"], objects=wanted)
    assert mc.gen_objects is not None
    assert mc.reco_objects is not None
    assert (mc.gen_objects.valid.shape, mc.reco_objects.valid.shape) == ((200, 5), (200, 3))
    assert (mc.gen_objects.names, mc.reco_objects.names, mc.reco_objects.angles) == (("pt", "phi"), ("phi",), ("phi",))
    np.testing.assert_array_equal(mc.gen_objects.column("pt"), events.collections["gen_particle"]["pt"])
    assert (mc.gen_objects.count[mc.pass_gen] == 0).any()
    data = measured_from_events(events, ["pt"], objects=wanted)
    assert data.objects is not None
    np.testing.assert_array_equal(data.objects.values, mc.measured().objects.values)


def test_words_of_a_trigger_have_physical_values(events: Events) -> None:
    objects = objects_of(events, "jet", ["pt", "phi"], ["phi"])
    scale = events.schema.object("jet").field("phi").scale
    np.testing.assert_array_equal(objects.valid, events.collections["jet"]["hw_pt"] != 0)
    expected = scale.to_physical(events.collections["jet"]["hw_phi"])
    np.testing.assert_allclose(objects.column("phi"), expected, rtol=1e-6)
    with pytest.raises(DataError, match="an angle is in rad"):
        objects_of(events, "jet", ["hw_phi"], ["hw_phi"])


def test_what_is_not_there_is_named(rng: np.random.Generator) -> None:
    events = jets(20, rng)
    with pytest.raises(SchemaError, match="no collection 'gen_parts'"):
        simulation_from_events(events, ["pt"], objects=ObjectQuantities(("pt",), gen_collection="gen_parts"))
    with pytest.raises(SchemaError, match="unknown quantity 'eta' of gen_particle"):
        simulation_from_events(events, ["pt"], objects=ObjectQuantities(("eta",)))
    with pytest.raises(ConfigError, match=r"objects\.angles has 'fi'"):
        ObjectQuantities(("pt", "phi"), angles=("fi",))
    with pytest.raises(ConfigError, match="different names"):
        ObjectQuantities(("pt", "pt"))


CONFIGURATION = """
[simulation]
files = ["mc.h5"]
[data]
files = ["data.h5"]
truth = true
[quantities]
gen = ["pt"]
[objects]
gen = ["pt", "phi"]
angles = ["phi"]
[method]
name = "omnifold"
iterations = 1
ratio = { hidden = [4], objects = [4], epochs = 1, degree = 0 }
"""


@pytest.fixture
def folder(tmp_path: Path, rng: np.random.Generator) -> Path:
    _write(tmp_path / "mc.h5", jets(600, rng))
    _write(tmp_path / "data.h5", jets(500, rng))
    (tmp_path / "unfold.toml").write_text(CONFIGURATION)
    return tmp_path


def test_a_run_from_a_configuration(folder: Path) -> None:
    assert main(["unfold", "run", str(folder / "unfold.toml")]) == 0
    unfolded = read_unfolded(folder / "unfold.h5")
    assert unfolded.names == ("pt",)
    assert "network_loss" in unfolded.record["iterations"][0]["gen"]
    inputs = read_inputs(read_configuration(folder / "unfold.toml"))
    assert inputs.nature is not None
    assert inputs.nature.gen_objects is not None
    (folder / "apart.toml").write_text(CONFIGURATION.replace('files = ["mc.h5"]', 'gen = ["mc.h5"]\nreco = ["mc.h5"]'))
    apart = read_inputs(read_configuration(folder / "apart.toml"))
    np.testing.assert_array_equal(apart.mc.reco_objects.values, inputs.mc.reco_objects.values)


def test_methods_of_columns_refuse_objects(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = CONFIGURATION[: CONFIGURATION.index("[method]")] + '[method]\nname = "ibu"\n'
    (folder / "unfold.toml").write_text(text)
    assert main(["unfold", "run", str(folder / "unfold.toml")]) == 1
    assert "columns alone" in capsys.readouterr().err
