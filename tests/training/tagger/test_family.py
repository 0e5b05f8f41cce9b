from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stopped_training import Stopped, stop_after
from tagger_toy import constituent_jets, real_jets, word_jets

from l1ml.data import split_of
from l1ml.emulation import IntegerEmulator, compare
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConfigError, DataError, SchemaError
from l1ml.training import Training, family_of
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.tagger import DistillationConfig, LearnedBitsConfig, ReferenceConfig, TaggerConfig

pytest.importorskip("qkeras")

FIXED = TaggerConfig(
    hidden=(6,),
    epochs=4,
    pruning_epochs=2,
    batch_size=256,
    learning_rate=0.01,
    fractions=(0.6, 0.2, 0.2),
    n_golden=40,
    reference=ReferenceConfig((8,), epochs=6, batch_size=256, learning_rate=0.02),
    distillation=DistillationConfig(0.5),
)
BITS = LearnedBitsConfig(limit=3000, warm_up=1, first_price=1e-5, last_price=1e-3, settle_epochs=1)
train = family_of("tagger").train


@pytest.fixture(scope="module", params=[None, BITS], ids=["fixed", "learned"])
def training(request: pytest.FixtureRequest) -> Training:
    config = replace(FIXED, bits=request.param)
    return train(word_jets(2500, np.random.default_rng(3)), config, name="toy")


def test_it_tells_the_classes_apart(training: Training) -> None:
    jets = word_jets(2500, np.random.default_rng(3))
    test = jets.select(split_of(jets.group, FIXED.fractions) == 2)
    won = IntegerEmulator(training.model.network).predict(test.features()).argmax(axis=1)
    reference = training.model.metrics["reference"]
    n_right = int((won == test.crossing["process"]).sum())
    assert reference["n"] == test.n
    assert n_right == reference["n_right"] - reference["n_only_reference"] + reference["n_only_model"]
    assert n_right > 0.4 * test.n  # one in five by chance
    assert reference["n_right"] > 0.4 * test.n


def test_keras_and_integers_agree_in_every_word(training: Training, rng: np.random.Generator) -> None:
    model = training.model
    emulators = (KerasEmulator(model), IntegerEmulator(model.network))
    words = np.concatenate([word_jets(1000, rng).features(), random_words(model.input_formats, 10000, rng)])
    compare(*((item.name, item.output_format, item.predict(words)) for item in emulators)).require_exact()
    scores = IntegerEmulator(model.network).predict(model.golden.inputs)
    np.testing.assert_array_equal(scores, model.golden.scores)
    assert scores.shape == (40, 5)


def test_what_stays_with_the_model(training: Training) -> None:
    assert training.model.metrics["classes"] == ["g", "q", "w", "z", "t"]
    assert training.model.score == "logits of g, q, w, z, t"
    learned = training.model.metrics["training"]["bits"] is not None
    assert (training.model.metrics["bit_operations"] is not None) is learned
    assert {name: len(curve) for name, curve in training.losses.items()} == {"loss": 4, "val_loss": 4}


def test_mirror_images_and_a_wider_reference() -> None:
    reference = ReferenceConfig((8,), (7, 6), epochs=2, batch_size=256)
    small = replace(FIXED, architecture="linear", slots=4, embedding=(5, 4), reference=reference, epochs=2, pruning_epochs=1)
    jets = constituent_jets(1000, np.random.default_rng(3), 4)
    plain, mirrored = (train(jets, replace(small, mirrored=flag), name="toy").model for flag in (False, True))
    assert plain.digest != mirrored.digest
    metrics = mirrored.metrics
    assert metrics["reference"]["hidden"] == [7, 6, 6, 8]
    assert metrics["n_train"] + metrics["n_validation"] + metrics["reference"]["n"] == 1000
    assert mirrored.golden.scores.tolist() == KerasEmulator(mirrored).predict(mirrored.golden.inputs).tolist()


def test_other_ways_to_learn_bits_give_other_students() -> None:
    jets, small = word_jets(1000, np.random.default_rng(3)), replace(FIXED, epochs=3, pruning_epochs=1)
    ways = (BITS, replace(BITS, chosen_by="loss", annealed=True, ramp=0.5, initializer="glorot_uniform", pruned_stay=True))
    one, two = (train(jets, replace(small, bits=bits), name="toy").model for bits in ways)
    assert one.metrics["reference"]["n_right"] == two.metrics["reference"]["n_right"]
    assert one.digest != two.digest


def test_a_class_without_jets(rng: np.random.Generator) -> None:
    jets = word_jets(500, rng)
    with pytest.raises(DataError, match=r"no jet of z among the .* train jets"):
        train(jets.select(jets.crossing["process"] != 3), FIXED, name="toy")


def test_jets_that_do_not_count_alike(rng: np.random.Generator) -> None:
    jets = word_jets(500, rng)
    with pytest.raises(DataError, match="taggers count all alike"):
        train(replace(jets, weight=rng.uniform(1, 2, 500)), FIXED, name="toy")


def test_words_of_something_else(rng: np.random.Generator) -> None:
    with pytest.raises(SchemaError, match=r"reads words of 'jet_features' \(\w{8}\), the sample has those of 'class_jets'"):
        train(real_jets(50, rng), FIXED, name="toy")


def test_a_limit_that_no_network_meets(rng: np.random.Generator) -> None:
    config = replace(FIXED, epochs=2, bits=replace(BITS, limit=1))
    with pytest.raises(DataError, match="no network within 1 effective bit operations"):
        train(word_jets(200, rng), config, name="toy")


@pytest.mark.parametrize(
    ("values", "message"),
    [({"architecture": "dens"}, "did you mean 'dense'"), ({"fractions": (0.5, 0.5)}, "train, validation and test")],
)
def test_a_recipe_that_cannot_be_meant(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TaggerConfig(**values)  # type: ignore[arg-type]


def test_a_table_that_cannot_be_meant() -> None:
    with pytest.raises(ConfigError, match="must be positive"):
        ReferenceConfig(epochs=0)
    with pytest.raises(ConfigError, match="at least 1"):
        LearnedBitsConfig(limit=0)
    with pytest.raises(ConfigError, match="did you mean 'loss'"):
        LearnedBitsConfig(chosen_by="los")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_training_that_was_stopped_goes_on_to_the_same_result(training: Training, tmp_path: Path) -> None:
    config = replace(FIXED, bits=training.model.metrics["training"]["bits"] and BITS)
    jets, checkpoint = word_jets(2500, np.random.default_rng(3)), Checkpoint(tmp_path / "checkpoint.npz", "k")
    student = "checkpoint.bits.npz" if config.bits else "checkpoint.npz"
    # in the reference; then, its notes and those of the student read, in the student
    for epochs, expected in ((2, []), (5, [student])):
        with pytest.raises(Stopped):
            train(jets, config, name="toy", progress=stop_after(epochs), checkpoint=checkpoint)
        assert files(tmp_path) == sorted(["checkpoint.reference.npz", *expected])
    done = train(jets, config, name="toy", checkpoint=checkpoint)
    assert (done.model.digest, done.losses) == (training.model.digest, training.losses)
    assert files(tmp_path) == []


@pytest.mark.slow
def test_a_training_killed_in_any_stage_goes_on_to_the_same_result(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from tagger_toy import word_jets\n"
        "from l1ml.progress import Checking\n"
        "from l1ml.training import family_of\n"
        "from l1ml.training.checkpoint import Checkpoint\n"
        "from l1ml.training.tagger import LearnedBitsConfig, ReferenceConfig, TaggerConfig\n"
        "bits = LearnedBitsConfig(limit=3000, warm_up=1, first_price=1e-5, last_price=1e-3, settle_epochs=4)\n"
        "config = TaggerConfig(hidden=(6,), epochs=5, batch_size=256, learning_rate=0.01, fractions=(0.6, 0.2, 0.2),\n"
        "    n_golden=40, reference=ReferenceConfig((8,), epochs=4, batch_size=256, learning_rate=0.02), bits=bits)\n"
        "left = iter(range(int(sys.argv[3])))\n"
        "check = lambda: next(left, None) is None and os.kill(os.getpid(), signal.SIGKILL)\n"
        "done = family_of('tagger').train(word_jets(2500, np.random.default_rng(3)), config, name='toy',\n"
        "    progress=Checking(check), checkpoint=Checkpoint(Path(sys.argv[2]), 'k'))\n"
        "print(done.model.digest, done.losses)\n"
    )
    folder = str(next(path for path in Path(__file__).parents if (path / "tagger_toy.py").is_file()))

    def run(name: str, epochs: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, folder, str(tmp_path / name), str(epochs)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    whole = run("whole.npz", 100)
    assert whole.returncode == 0, whole.stderr
    notes = [f"killed.{stage}.npz" for stage in ("bits", "reference", "settling")]
    # a listener hears of all the epochs that a file holds at once
    for epochs, expected in ((1, notes[1:2]), (4, notes[:2]), (5, notes)):
        assert run("killed.npz", epochs).returncode == -9
        assert files(tmp_path) == expected
    assert run("killed.npz", 100).stdout == whole.stdout
    assert files(tmp_path) == []
