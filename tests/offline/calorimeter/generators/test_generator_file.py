from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from calo_toy import irregular_geometry

from l1ml.errors import DataError, SchemaError
from offline.calorimeter.generators import Cascade, read_generator, write_generator


@pytest.mark.parametrize("flow", [True, False])
def test_a_generator_that_is_read_makes_the_same_showers(tmp_path: Path, trained: Cascade, flow: bool) -> None:
    generator = trained if flow else replace(trained, flow=replace(trained.flow, velocity=None))
    write_generator(tmp_path / "a.h5", generator)
    again = read_generator(tmp_path / "a.h5", trained.geometry)
    energies = np.geomspace(1100.0, 9e3, 20)
    made = [one.sample(energies, np.random.default_rng(1)).energies for one in (generator, again)]
    np.testing.assert_array_equal(made[0], made[1])
    assert (again.record, again.energy_range) == (json.loads(json.dumps(generator.record)), generator.energy_range)
    write_generator(tmp_path / "b.h5", again)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_drawing_needs_no_training_code(tmp_path: Path, trained: Cascade) -> None:
    write_generator(tmp_path / "a.h5", trained)
    program = (
        "import sys; from pathlib import Path; import numpy as np; from offline.calorimeter.generators import read_generator;"
        f"read_generator(Path({str(tmp_path / 'a.h5')!r})).sample(np.full(3, 5e3), np.random.default_rng(1));"
        "sys.exit(int('keras' in sys.modules or 'tensorflow' in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_generator_of_another_geometry_is_refused(tmp_path: Path, trained: Cascade) -> None:
    write_generator(tmp_path / "a.h5", trained)
    with pytest.raises(DataError, match="of another geometry, of 60 voxels"):
        read_generator(tmp_path / "a.h5", irregular_geometry())


def test_damage_is_found(tmp_path: Path, trained: Cascade) -> None:
    path = tmp_path / "a.h5"
    with pytest.raises(DataError, match="does not exist"):
        read_generator(path)
    write_generator(path, trained)
    with h5py.File(path, "r+") as file:
        file["law/mean"][0] += 1.0
    with pytest.raises(DataError, match="does not have the digest"):
        read_generator(path)
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = 2
    with pytest.raises(SchemaError, match="version 2"):
        read_generator(path)
    with h5py.File(path, "w") as file:
        file["showers"] = np.ones(3)
    with pytest.raises(SchemaError, match="no file of a generator"):
        read_generator(path)
    path.write_bytes(b"nothing")
    with pytest.raises(DataError, match="damaged"):
        read_generator(path)
