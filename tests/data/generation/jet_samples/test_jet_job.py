"""The rows of each kind of sample are those that were made when each had a job of its own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import h5py
import pytest

from l1ml.data.generation.jet_samples.class_jet_jobs import ClassJets
from l1ml.data.generation.jet_samples.class_jets import ClassJetsConfig
from l1ml.data.generation.jet_samples.jet_job import JetJob, JetSource
from l1ml.data.generation.jet_samples.jet_pair_jobs import JetPairs
from l1ml.data.generation.jet_samples.jet_pair_recipe import JetPairsConfig
from l1ml.data.generation.pythia import pythia_version


def digest(path: Path) -> str:
    found = hashlib.sha256()
    with h5py.File(path) as file:
        names: list[str] = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        for name in sorted(names):
            found.update(name.encode() + file[name][...].tobytes())
    return found.hexdigest()


@pytest.mark.parametrize(
    ("source", "n", "expected"),
    [
        (
            ClassJets(ClassJetsConfig(jets=30, seed=6), "w"),
            30,
            "b31c0982c089d2e98b782c055c43213190a66a6c8bf1e988a68807c844aa51b0",
        ),
        (JetPairs(JetPairsConfig(pairs=60, seed=6)), 60, "6f88031b8f11a8720b659b27c49c7f629fa68f9b52c8c9a68f464be021f46d0e"),
    ],
)
def test_a_job_makes_the_rows_it_always_made(source: JetSource, n: int, expected: str, tmp_path: Path) -> None:
    if pythia_version() != "8.317.2":
        pytest.skip("the digests are of Pythia 8.317.2")
    job = JetJob(source, 1, n, tmp_path)
    assert not job.is_done()
    job.run(lambda: None)
    assert job.is_done()
    assert digest(job.path) == expected
