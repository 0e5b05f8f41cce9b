from __future__ import annotations

import pytest
from trigger_toy import write_steps

from l1ml.errors import DataError
from l1ml.reporting.run_files import OPTIONAL_FILES, STEP_FILES, read_run


@pytest.fixture
def run(tmp_path, steps):
    write_steps(tmp_path / "axo" / "run", steps)
    return tmp_path / "axo" / "run"


@pytest.mark.parametrize("step", STEP_FILES)
def test_a_missing_step_names_its_verb(run, step):
    (run / f"{step}.json").unlink()
    with pytest.raises(DataError, match=f"{step}.json does not exist; make it with: {STEP_FILES[step]} .*axo") as caught:
        read_run(run)
    assert "\n" not in str(caught.value)


def test_a_truncated_step_names_its_verb(run):
    path = run / "decision.json"
    path.write_text(path.read_text()[:100])
    with pytest.raises(DataError, match=r"decision\.json is not JSON .* l1ml menu rates"):
        read_run(run)


def test_a_missing_key_names_its_verb(run):
    (run / "synthesis.json").write_text('{"reports": []}')
    with pytest.raises(DataError, match=r"synthesis\.json lacks device; make it again with: l1ml synth"):
        read_run(run)


def test_results_of_two_models_do_not_mix(run, steps):
    steps["verification"]["model_digest"] = "cd" * 32
    write_steps(run, steps)
    with pytest.raises(
        DataError, match=r"verification\.json is of model cdcdcdcdcdcd, training\.json of model abababababab; .* l1ml verify"
    ):
        read_run(run)


def test_content_is_what_was_written(run, steps):
    assert read_run(run) == steps


@pytest.mark.parametrize("name", OPTIONAL_FILES)
def test_what_is_asked_for_beside_a_run_may_be_absent_or_of_another_model(run, steps, name):
    (run / "evaluation.json").unlink()
    assert set(read_run(run)) == set(STEP_FILES)
    for digest, there in ((steps["training"]["model_digest"], True), ("cd" * 32, False)):
        content = {
            "classical": {},
            "scores": {},
            "scale": 1.0,
            "derived_at": 60.0,
            "control": None,
            "zero_bias": {},
            "background": {},
            "shifts": [],
        }
        content["model_digest"] = digest
        write_steps(run, {name: content})
        assert (name in read_run(run)) == there
