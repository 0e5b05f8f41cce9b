from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from network_strategy import branched_networks, networks

from l1ml.emulation import IntegerEmulator
from l1ml.emulation.portable import PortableNetwork, read_network
from l1ml.emulation.portable.seal import SEAL_BYTES, sealed
from l1ml.emulation.stimuli import random_words
from l1ml.errors import DataError, L1mlError, SchemaError
from l1ml.model import GoldenWords, Network, TriggerModel

ROOT = Path(__file__).parents[3]
AXO = ROOT / "models" / "axo"


def portable(network: Network) -> PortableNetwork:
    """`network` with names and golden words."""
    formats = tuple(network.input_formats)
    inputs = random_words(formats, 40, np.random.default_rng(1))
    names = [tuple(f"{kind}_{index}" for index in range(n)) for kind, n in (("µ", len(formats)), ("score", network.n_outputs))]
    golden = GoldenWords(inputs, IntegerEmulator(network).predict(inputs))
    return PortableNetwork("toy", "5c4e3a", names[0], network, "a score", names[1], golden)


@pytest.fixture(scope="module")
def axo() -> PortableNetwork:
    return read_network(AXO)


@given(network=st.one_of(networks(), branched_networks()))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_operation_comes_back(network: Network, tmp_path: Path) -> None:
    one = portable(network)
    one.save(tmp_path / "toy.h5")
    again = PortableNetwork.load(tmp_path / "toy.h5")
    assert again.network.to_dict() == network.to_dict()
    assert again.digest == one.digest
    assert (again.name, again.features, again.score_names, again.score) == (one.name, one.features, one.score_names, one.score)
    assert again.to_bytes() == one.to_bytes()
    words = random_words(tuple(network.input_formats), 200, np.random.default_rng(2))
    np.testing.assert_array_equal(again.emulator.predict(words), one.emulator.predict(words))


def test_the_file_of_a_model_is_the_model(axo: PortableNetwork, tmp_path: Path) -> None:
    model = TriggerModel.load(AXO)
    axo.save(tmp_path / "axo.h5")
    loaded = read_network(tmp_path / "axo.h5")
    assert loaded.digest == axo.digest == model.digest
    assert (loaded.schema_digest, loaded.features, loaded.score_names) == (model.schema_digest, model.features, ("score",))
    np.testing.assert_array_equal(loaded.emulator.predict(model.golden.inputs), model.golden.scores)


def test_weights_are_datasets_of_integers_and_other_programs_can_open_the_file(axo: PortableNetwork, tmp_path: Path) -> None:
    axo.save(tmp_path / "axo.h5")
    with h5py.File(tmp_path / "axo.h5") as file:
        kernel = file["operations/0002/kernel"]
        assert (kernel.shape, kernel.dtype) == ((57, 32), np.int8)
        assert file["operations/0002"].attrs["kind"] == b"dense"


def test_equal_networks_make_equal_bytes_at_any_time(axo: PortableNetwork) -> None:
    first = axo.to_bytes()
    time.sleep(1.1)  # HDF5 counts times in seconds
    assert read_network(AXO).to_bytes() == first


_ALONE = """
import json, sys
class Block:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names | {"numpy", "h5py", "l1ml"}:
            raise ModuleNotFoundError("blocked: " + name)
sys.meta_path.insert(0, Block())
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import numpy as np
from l1ml.emulation.portable import PortableNetwork
network = PortableNetwork.load(Path(sys.argv[2]))
print(json.dumps(network.emulator.predict(np.load(sys.argv[3])).tolist()))
"""


def test_numpy_and_h5py_alone_give_the_words(axo: PortableNetwork, tmp_path: Path, rng: np.random.Generator) -> None:
    axo.save(tmp_path / "axo.h5")
    words = random_words(tuple(axo.network.input_formats), 300, rng)
    np.save(tmp_path / "words.npy", words)
    command = [sys.executable, "-c", _ALONE, str(ROOT), str(tmp_path / "axo.h5"), str(tmp_path / "words.npy")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == axo.emulator.predict(words).tolist()


def test_every_damaged_byte_and_every_missing_end_is_refused(axo: PortableNetwork, tmp_path: Path) -> None:
    content, path = axo.to_bytes(), tmp_path / "axo.h5"
    places = [*range(SEAL_BYTES), *range(SEAL_BYTES, len(content), 61), len(content) - 1]
    damaged = [content[:place] + bytes([content[place] ^ (1 << place % 8)]) + content[place + 1 :] for place in places]
    cut = [content[:length] for length in places]
    for broken in [*damaged, *cut, content + b"\0"]:
        path.write_bytes(broken)
        with pytest.raises((DataError, SchemaError)):
            PortableNetwork.load(path)


def test_damage_under_a_new_seal_is_refused_or_changes_nothing(axo: PortableNetwork, tmp_path: Path) -> None:
    content, path, rng = axo.to_bytes(), tmp_path / "axo.h5", np.random.default_rng(3)
    words = random_words(tuple(axo.network.input_formats), 200, rng)
    expected, refused = axo.emulator.predict(words), 0
    for _ in range(300):
        broken = bytearray(content)
        broken[rng.integers(SEAL_BYTES, len(content))] = rng.integers(256)
        path.write_bytes(sealed(bytes(broken), "l1ml-network", 1))
        try:
            network = PortableNetwork.load(path)
        except (DataError, SchemaError):
            refused += 1
        else:
            assert network.digest == axo.digest
            np.testing.assert_array_equal(network.emulator.predict(words), expected)
    assert refused > 100


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        (
            lambda c: c.replace(b"l1ml-network\n1\n", b"l1ml-network\n2\n", 1),
            SchemaError,
            "version '2', this l1ml reads version 1",
        ),
        (lambda c: c[SEAL_BYTES:], SchemaError, "is no l1ml-network file"),
        (lambda c: c[:-100], DataError, "truncated or damaged"),
        (lambda c: b"", SchemaError, "is no l1ml-network file"),
    ],
)
def test_messages_say_what_is_wrong(axo: PortableNetwork, tmp_path: Path, change: object, kind: type, message: str) -> None:
    path = tmp_path / "axo.h5"
    path.write_bytes(change(axo.to_bytes()))  # type: ignore[operator]
    with pytest.raises(kind, match=message):
        PortableNetwork.load(path)


def test_a_missing_file_names_the_verb_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="l1ml export network"):
        PortableNetwork.load(tmp_path / "none.h5")


def test_other_golden_words_are_refused(axo: PortableNetwork) -> None:
    scores = axo.golden.scores.copy()
    scores[3] += 1
    with pytest.raises(DataError, match="golden crossing 3 gives"):
        replace(axo, golden=GoldenWords(axo.golden.inputs, scores))


def test_names_that_do_not_fit_are_refused(axo: PortableNetwork) -> None:
    with pytest.raises(SchemaError, match="56 features"):
        replace(axo, features=axo.features[1:])


def _changed(axo: PortableNetwork, tmp_path: Path, place: str, name: str, value: object) -> Path:
    """The file with another value in it, under a seal of its own."""
    path = tmp_path / "changed.h5"
    axo.save(path)
    with h5py.File(path, "r+") as file:
        if name in file[place]:
            del file[place][name]
            file[place][name] = value
        else:
            file[place].attrs[name] = value
    path.write_bytes(sealed(path.read_bytes(), "l1ml-network", 1))
    return path


@pytest.mark.parametrize(
    ("lie", "message"),
    [
        (("operations/0002", "kernel", np.zeros((56, 32), np.int8)), r"has a kernel \(56, 32\)"),
        (("operations/0002", "kernel", np.zeros((57, 32), np.float32)), "is .*, expected at most"),
        (("operations/0002", "kernel", np.full((57, 32), 2**60)), "beyond 62 bits"),
        (("operations/0002", "kernel", np.full((57, 32), -(2**63))), "has kernel="),
        (("operations/0002", "kernel", np.zeros((57, 32), np.int8)), "golden crossing 0 gives"),
        (("/", "features", np.array([b"pt"] * 57)), "digest is"),
        (("operations/0002", "kernel_fractional", 2**40), "has kernel_fractional="),
        (("operations/0002", "positions", 0), "0 positions"),
        (("operations/0002", "kind", b"magic"), "unknown operation 'magic'"),
        (("operations/0002", "sources", np.array([9])), "operation 2 reads stages"),
        (("operations/0003", "format", b"ap_fixed<99,4>"), "1 to 62 bits"),
        (("operations/0003", "format", b"words"), "cannot read 'words'"),
        (("operations/0000", "shift", np.full(57, 2000)), "has shift="),
        (("operations/0000", "shift", np.arange(57) * 2), "62 bits"),
        (("/", "digest", b"0" * 64), "digest is 000"),
        (("/", "output_format", b"ap_fixed<8,8,AP_TRN,AP_WRAP>"), "output_format is"),
        (("/", "name", 5), "expected text"),
        (("golden", "score_words", np.zeros((64, 1), np.int32)), "golden crossing 0"),
        (("golden", "score_words", np.zeros((63, 1), np.int32)), r"golden words \(64, 57\) and \(63, 1\)"),
        (("golden", "input_words", np.full((64, 57), 2**30)), "outside"),
    ],
)
def test_each_lie_is_refused(axo: PortableNetwork, tmp_path: Path, lie: tuple[str, str, object], message: str) -> None:
    with pytest.raises(L1mlError, match=message) as caught:
        PortableNetwork.load(_changed(axo, tmp_path, *lie))
    assert isinstance(caught.value, DataError | SchemaError)
