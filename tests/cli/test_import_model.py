from __future__ import annotations

import json
from pathlib import Path

import pytest
from keras2_toy import layer, toy, write_keras2

from l1ml.cli.main import main


def test_the_verb_says_what_came_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = toy()
    model["config"]["layers"] = (*model["config"]["layers"], layer("Activation", "softmax", ["relu"], activation="softmax"))
    model["config"]["output_layers"] = [["softmax", 0, 0]]
    files = [str(write_keras2(tmp_path / "jets.h5", model)), str(tmp_path / "jets")]
    arguments = ["import", *files, "--output", "argmax", "--input-format"]
    assert main([*arguments, "ap_fixed<7,4>", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["model"], found["inputs"], found["score_format"]) == ("jets", 2, "ap_ufixed<2,2,AP_TRN,AP_WRAP>")
    assert main([*arguments, "ap_fixed<7,4>"]) == 1
    assert "holds a model already" in capsys.readouterr().err
    assert main([*arguments, "ap_fixed<7,4>", "--force"]) == 0
    assert "argmax of jets.h5" in capsys.readouterr().out
    assert main([*arguments, "fixed<7>"]) == 1
    assert "cannot read 'fixed<7>' as a number format" in capsys.readouterr().err
