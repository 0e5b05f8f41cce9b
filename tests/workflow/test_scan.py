from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy import toy_events

from l1ml.configuration import from_mapping
from l1ml.conversion import ConversionConfig
from l1ml.data import LEVEL1_SCHEMA, EventWriter
from l1ml.errors import ConfigError
from l1ml.model import TriggerModel
from l1ml.progress import SILENT
from l1ml.training.vae import VaeConfig
from l1ml.workflow.recipe import read_recipe
from l1ml.workflow.scan import flag_front, scan
from l1ml.workflow.scan_config import ScanConfig
from l1ml.workflow.scan_job import ScanJob
from l1ml.workflow.scan_table import write_csv, write_hdf5
from l1ml.workflow.workspace import Workspace

AXO = Path(__file__).parents[2] / "models" / "axo"
GRID = [
    "--weight-bits",
    "3,4",
    "--hidden",
    "6",
    "--clock-mhz",
    "240,320",
    "--epochs",
    "2",
    "--rate-khz",
    "2000",
    "--workers",
    "2",
]


def test_the_grid_is_around_the_recipe() -> None:
    table = {"weight_bits": [4, 6], "hidden": [[32, 16], [8]], "clock_mhz": [240, 320.0], "epochs": 8}
    config = from_mapping(ScanConfig, table, "[scan]")
    designs = list(config.designs(VaeConfig(), ConversionConfig()))
    assert len(designs) == 8
    first = designs[0]
    assert (first.training.epochs, first.training.pruning_epochs, first.training.hidden) == (8, 4, (32, 16))
    assert (first.training.quantisation.weight_bits, first.training.quantisation.activation_bits) == (4, 8)
    assert [design.conversion.clock_mhz for design in designs[:3]] == [240.0, 320.0, 240.0]
    assert len(list(ScanConfig().designs(VaeConfig(), ConversionConfig()))) == 1
    assert read_recipe(AXO).scan == ScanConfig()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"wieght_bits": [4]}, "did you mean 'weight_bits'"),
        ({"weight_bits": [1]}, "at least 2 bits"),
        ({"score": "efficency"}, "did you mean 'efficiency'"),
        ({"rate_khz": 0.0}, "rate_khz must be positive"),
        ({"epochs": 1}, "at least 2 epochs"),
        ({"hidden": [32, 16]}, "must be a list"),
    ],
)
def test_what_cannot_be_scanned(table: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        from_mapping(ScanConfig, table, "[scan]")


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3), max_size=12))
def test_the_front_is_what_nothing_beats(points: list[tuple[int, int, int]]) -> None:
    rows = [{"score": score, "lut": lut, "latency_ns": latency} for score, lut, latency in points]
    flagged = flag_front(rows, larger_is_better=True)
    assert [{key: value for key, value in row.items() if key != "pareto"} for row in flagged] == rows
    assert any(row["pareto"] for row in flagged) or not rows
    for row in flagged:
        better = [
            other
            for other in rows
            if other["score"] >= row["score"]
            and other["lut"] <= row["lut"]
            and other["latency_ns"] <= row["latency_ns"]
            and other != {key: row[key] for key in other}
        ]
        assert row["pareto"] is not bool(better)


def test_tables_keep_types_and_say_what_is_missing(tmp_path: Path) -> None:
    rows = [
        {"pareto": True, "lut": 5, "score": 0.25, "yosys_lut": None, "hidden": "32-16", "versions": {"alkaid": "0.8.2"}},
        {"pareto": False, "lut": 6, "score": 1, "yosys_lut": 7, "hidden": "", "versions": {}},
    ]
    write_csv(tmp_path / "scan.csv", rows)
    found = list(csv.DictReader((tmp_path / "scan.csv").read_text().splitlines()))
    assert [row["yosys_lut"] for row in found] == ["", "7"]
    assert json.loads(found[0]["versions"]) == {"alkaid": "0.8.2"}
    write_hdf5(tmp_path / "scan.h5", {"format": "l1ml-scan-1", "model": "axo", "scan": {"epochs": 2}, "designs": rows})
    with h5py.File(tmp_path / "scan.h5") as file:
        table = file["designs"][()]
        assert json.loads(file.attrs["scan"]) == {"epochs": 2}
    assert table["pareto"].tolist() == [True, False]
    assert table["lut"].dtype == np.int64
    assert np.isnan(table["yosys_lut"][0])
    assert table["yosys_lut"][1] == 7
    assert table["hidden"].tolist() == [b"32-16", b""]


def make_workspace(root: Path) -> Workspace:
    """A model folder with toy events of zero bias and of one signal."""
    folder = root / "models" / "axo"
    (folder / "run" / "events").mkdir(parents=True)
    shutil.copy(AXO / "model.toml", folder)
    processes = []
    for name, n, hardness in (("zero_bias", 3000, 1.0), ("ttbar", 500, 3.0)):
        path = folder / "run" / "events" / f"{name}.h5"
        with EventWriter(path, LEVEL1_SCHEMA, process=name, provenance={}) as writer:
            writer.append(toy_events(n, np.random.default_rng(n), hardness=hardness))
        processes.append({"process": name, "path": f"events/{name}.h5", "digest": str(n)})
    (folder / "run" / "events.json").write_text(json.dumps({"processes": processes}))
    return Workspace(folder, root / "projects", workers=1)


def test_a_scan_leaves_a_row_for_each_design_and_makes_none_twice(tmp_path: Path) -> None:
    pytest.importorskip("qkeras")
    pytest.importorskip("alkaid")
    workspace = make_workspace(tmp_path)
    config = ScanConfig(hidden=((6,),), weight_bits=(4,), epochs=2, rate_khz=2000.0)
    content = scan(workspace, config, SILENT)
    (design,) = content["designs"]
    assert TriggerModel.load(workspace.run / "scan" / "models" / design["model"]).digest == design["model_digest"]
    assert 0 < design["score"] == design["efficiency_ttbar"] < 1
    assert {"seed", "epochs", "versions", "lut_spread", "latency_cycles", "project_digest"} <= set(design)
    assert design["latency_ns"] == pytest.approx(design["latency_cycles"] * 4.166)
    folder = workspace.run / "scan"
    assert {path.name for path in folder.iterdir()} == {"rows", "models", "scan.json", "scan.csv", "scan.h5", "pareto.png"}
    (row,) = (folder / "rows").iterdir()
    made = row.stat().st_mtime_ns
    assert scan(workspace, config, SILENT) == content
    assert row.stat().st_mtime_ns == made
    (same,), (other,) = (list(item.designs(VaeConfig(), ConversionConfig())) for item in (config, ScanConfig(epochs=3)))
    faster = scan(workspace, replace(config, clock_mhz=(240.0, 320.0)), SILENT)["designs"]
    assert [item["model_digest"] for item in faster] == [design["model_digest"]] * 2
    assert len({item["project_digest"] for item in faster}) == 2
    assert len(list((folder / "models").iterdir())) == 1
    versions = tuple(design["versions"].items())
    assert ScanJob(workspace, same, config, versions).key != ScanJob(workspace, other, config, versions).key
    row.write_text("{")
    assert not any(ScanJob(workspace, item, config, versions).is_done() for item in (same, other))


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_scan_keeps_its_rows_and_goes_on(tmp_path: Path, how: signal.Signals) -> None:
    workspace = make_workspace(tmp_path)
    command = [sys.executable, "-m", "l1ml", "scan", str(workspace.folder), *GRID]
    rows = workspace.run / "scan" / "rows"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 300
    while not list(rows.glob("[!.]*.json")) and time.monotonic() < until:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(how)
    code = process.wait(timeout=120)
    assert code == (130 if how is signal.SIGINT else -signal.SIGKILL)
    kept = {path.name: path.stat().st_mtime_ns for path in rows.glob("[!.]*.json")}
    assert 1 <= len(kept) < 4
    if how is signal.SIGINT:
        assert len(json.loads((workspace.run / "scan" / "scan.json").read_text())["designs"]) == len(kept)
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    assert len(json.loads(done.stdout)["designs"]) == 4
    assert {name: (rows / name).stat().st_mtime_ns for name in kept} == kept
