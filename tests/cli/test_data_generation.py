from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from l1ml.cli import data_generation
from l1ml.data import file_info
from l1ml.errors import ConfigError, ToolNotFoundError


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    data_generation.add_verbs(parser.add_subparsers())
    return parser.parse_args(words)


def test_pairs_are_generated_and_then_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "pairs.h5"
    words = ("generate-pairs", str(output), "--n", "2", "--seed", "3", "--workers", "1")
    args = parsed(*words, "--json")
    assert args.run(args) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["path"], made["kept"]) == (str(output), 2)
    assert file_info(output)["provenance"]["config"]["seed"] == 3
    again = parsed(*words)
    assert again.run(again) == 0
    assert "event file" in capsys.readouterr().out
    other = parsed(*words[:3], "5")
    with pytest.raises(ConfigError, match="--force replaces it"):
        other.run(other)


def test_jets_take_their_conditions_and_a_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("l1ml.data.jobs.dask_workers._CONNECT_SECONDS", 0.5)
    words = ("--n", "7", "--radius", "0.4", "--pt", "500", "--scheduler", "tcp://127.0.0.1:9")
    args = parsed("generate-jets", str(tmp_path / "jets.h5"), *words)
    assert (args.n, args.radius, args.pt, args.force) == (7, 0.4, 500.0, False)
    with pytest.raises(ToolNotFoundError, match="no Dask scheduler answers"):
        args.run(args)
