from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from toy import toy_events

from l1ml.cli.main import main
from l1ml.data import EventWriter
from l1ml.data.crossing_quantity import CrossingQuantity
from l1ml.training.online import stream
from l1ml.training.online.flow_file import write_flow

SIZE = ["--members", "3", "--bins", "12", "--buffer", "1000", "--batch", "500"]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("stream")
    rng = np.random.default_rng(3)
    for name in ("one", "two"):
        events = toy_events(3000, rng)
        with EventWriter(folder / f"{name}.h5", events.schema, process="toy", provenance={}) as writer:
            writer.append(events)
    return [folder / "one.h5", folder / "two.h5"]


def train(files: list[Path], target: Path, *more: str) -> int:
    quantity = ["--quantity", "jet[0].pt", "0", "200"]
    return main(["online", "train", *map(str, files), *quantity, "--flow", str(target), *SIZE, *more])


def test_train_sample_and_hunt(capsys: pytest.CaptureFixture[str], files: list[Path], tmp_path: Path) -> None:
    flow = tmp_path / "pt.npz"
    assert train(files, flow, "--json") == 0
    assert json.loads(capsys.readouterr().out)["seen"] == 6000
    table = tmp_path / "events.csv"
    assert main(["online", "sample", str(flow), "-n", "500", "--output", str(table)]) == 0
    assert table.read_text().startswith('"jet[0].pt"\n')
    drawn = np.loadtxt(table, skiprows=1)
    assert drawn.shape == (500,)
    assert ((drawn >= 0) & (drawn < 200)).all()
    capsys.readouterr()
    hunt = ["online", "hunt", str(flow), "--window", "80", "100", "--range", "40", "160", "--bins", "12", "--prescale", "1", "10"]
    assert main([*hunt, "--figure", str(tmp_path / "bump.png"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["window"] == [80, 100]
    assert [row["prescale"] for row in found["prescaled"]] == [1, 10]
    assert abs(found["bump"]["significance"]) < 6
    assert (tmp_path / "bump.png").read_bytes().startswith(b"\x89PNG")
    assert main(hunt) == 0
    assert "1 in 10 kept" in capsys.readouterr().out


def test_a_training_that_was_killed_goes_on_to_the_same_bytes(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(files, tmp_path / "whole.npz") == 0
    written = 0

    def killed(*arguments: object) -> None:
        nonlocal written
        written += 1
        if written == 4:
            raise KeyboardInterrupt
        write_flow(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(stream, "write_flow", killed)
        assert train(files, tmp_path / "part.npz") != 0
    assert train(files, tmp_path / "part.npz") == 0
    assert (tmp_path / "part.npz").read_bytes() == (tmp_path / "whole.npz").read_bytes()
    capsys.readouterr()
    assert train(files[:1], tmp_path / "part.npz") == 1
    assert "flow of another stream" in capsys.readouterr().err


def test_what_cannot_be_meant(capsys: pytest.CaptureFixture[str], files: list[Path], tmp_path: Path) -> None:
    command = ["online", "train", str(files[0]), "--flow", str(tmp_path / "flow.npz"), *SIZE, "--quantity"]
    assert main([*command, "jet[0].pt", "100000", "200000"]) == 1
    assert "none of the 3000 crossings" in capsys.readouterr().err
    assert not (tmp_path / "flow.npz").exists()
    assert main([*command, "jet0", "0", "1"]) == 1
    assert "is no quantity" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stop:
        main([*command, "jet[0].pt", "5", "1"])
    assert stop.value.code == 2


def test_the_weights_of_crossings_count(files: list[Path]) -> None:
    from l1ml.data import read_events
    from l1ml.training.online import OnlineSettings, Quantity, train_on_files

    target = files[0].with_name("weighted.npz")
    settings = OnlineSettings(members=2, bins=8, buffer=1000, batch=500)
    flow = train_on_files(files[:1], [Quantity("met.pt", 0, 100)], settings, target)
    events = read_events(files[0])
    inside = CrossingQuantity.parse("met.pt").of(events) < 100
    assert flow.yields[0] == pytest.approx(events.weight[inside].sum())


def test_what_cannot_be_meant_is_said_in_one_line(files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flow = tmp_path / "flow.npz"
    assert train(files, flow) == 0
    capsys.readouterr()
    for window in (["500", "600"], ["80", "80.1"], ["100", "80"]):
        assert main(["online", "hunt", str(flow), "--range", "40", "160", "--bins", "12", "--window", *window]) == 1
        error = capsys.readouterr().err
        assert "within [40, 160] and be a bin of 10 wide" in error
        assert error.count("\n") == 1
    with pytest.raises(SystemExit, match="2"):
        main(["online", "sample", str(flow), "-n", "-5", "--output", str(tmp_path / "table.csv")])
    assert "'-5' is not 1 or more" in capsys.readouterr().err
