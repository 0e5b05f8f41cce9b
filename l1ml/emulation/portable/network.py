"""A trained network as a value that can travel: what it reads, what it computes, what its words mean, and what proves it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import h5py
import numpy as np
from numpy.typing import NDArray

from l1ml.emulation.integers import IntegerEmulator
from l1ml.emulation.portable.layout import (
    FORMAT,
    FORMAT_VERSION,
    network_from,
    read_texts,
    read_words,
    text_of,
    write_network,
    write_texts,
    write_words,
)
from l1ml.emulation.portable.seal import SEAL_BYTES, sealed, unsealed
from l1ml.errors import ConfigError, DataError, SchemaError
from l1ml.model import GoldenWords, Network, TriggerModel
from l1ml.model.network_checks import check_network
from l1ml.model.trigger_model import digest_of_model
from l1ml.storage import write_bytes

__all__ = ["PortableNetwork", "read_network"]

_GOLDEN = 64
"""Crossings that prove a reader: enough for every threshold of a hidden word, few enough to run at each start."""

_DAMAGE = (OSError, KeyError, ValueError, TypeError, RuntimeError, MemoryError, OverflowError, AttributeError, IndexError)
"""What h5py and numpy raise where a file does not say what its tables promise."""


@dataclass(frozen=True, eq=False)
class PortableNetwork:
    """A network with everything that gives its words a meaning, without Keras.

    Parameters
    ----------
    name : str
        Short name, such as that of the model.
    schema_digest : str
        Digest of the `EventSchema` that it was trained on.
    features : tuple of str
        Name of each input word, in order.
    network : Network
        The integers.
    score : str
        What the score is, in words.
    score_names : tuple of str
        Name of each score word.
    golden : GoldenWords
        A few crossings with their scores.

    Raises
    ------
    SchemaError
        If the operations do not fit together, or names and golden words are not as many as the network has.
    DataError
        If the network gives other words for the golden ones.
    """

    name: str
    schema_digest: str
    features: tuple[str, ...]
    network: Network
    score: str
    score_names: tuple[str, ...]
    golden: GoldenWords

    def __post_init__(self) -> None:
        check_network(self.network)
        n_in, n_out, n = len(self.network.input_formats), self.network.n_outputs, len(self.golden.inputs)
        shapes = (len(self.features), len(self.score_names), self.golden.inputs.shape, self.golden.scores.size)
        if not n or shapes != (n_in, n_out, (n, n_in), n * n_out) or len(self.golden.scores) != n:
            named = f"{shapes[0]} features, {shapes[1]} names of scores, golden words {shapes[2]} and {self.golden.scores.shape}"
            msg = f"{self.name}: {named}, but the network reads {n_in} words and gives {n_out}"
            raise SchemaError(msg)
        self._check_golden(self.golden.scores.reshape(n, n_out))

    def _check_golden(self, scores: NDArray[np.int64]) -> None:
        """Refuse a network that gives other words than `scores`, shape (n, n_outputs), for the golden ones."""
        found = self.emulator.predict(self.golden.inputs).reshape(scores.shape)
        wrong = np.flatnonzero((found != scores).any(axis=1))
        if wrong.size:
            row = int(wrong[0])
            msg = f"{self.name}: golden crossing {row} gives {found[row].tolist()}, the file says {scores[row].tolist()}"
            raise DataError(msg)

    @classmethod
    def of_model(cls, model: TriggerModel) -> Self:
        """The network of a trained model."""
        golden = GoldenWords(model.golden.inputs[:_GOLDEN], model.golden.scores[:_GOLDEN])
        n = model.network.n_outputs
        names = ("score",) if n == 1 else tuple(f"score_{index}" for index in range(n))
        return cls(model.name, model.schema_digest, model.features, model.network, model.score, names, golden)

    @cached_property
    def emulator(self) -> IntegerEmulator:
        """What computes the score words."""
        return IntegerEmulator(self.network)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the network computes, that of the model: a threshold is bound to it."""
        return digest_of_model(self.schema_digest, self.features, self.network)

    def to_bytes(self) -> bytes:
        """The file: equal networks give equal bytes."""
        buffer = io.BytesIO()
        with h5py.File(buffer, "w", userblock_size=SEAL_BYTES) as file:
            for name, text in self._header().items():
                file.attrs[name] = np.bytes_(text.encode())
            file.attrs["format_version"] = FORMAT_VERSION
            write_texts(file, "features", self.features)
            write_texts(file, "score_names", self.score_names)
            write_network(file, self.network)
            golden = file.create_group("golden")
            write_words(golden, "input_words", self.golden.inputs)
            write_words(golden, "score_words", self.golden.scores.reshape(len(self.golden.scores), -1))
        return sealed(buffer.getvalue(), FORMAT, FORMAT_VERSION)

    def save(self, path: Path) -> None:
        """Write the file `path`, whole or not at all.

        Raises
        ------
        StorageError
            If the disk is full or `path` cannot be written.
        """
        write_bytes(path, self.to_bytes())

    def _header(self) -> dict[str, str]:
        return {
            "format": FORMAT,
            "name": self.name,
            "score": self.score,
            "schema_digest": self.schema_digest,
            "digest": self.digest,
            "output_format": str(self.network.output_format),
        }

    @classmethod
    def load(cls, path: Path) -> Self:
        """The network in the file `path`, after a look at every byte, shape, range and golden word.

        Raises
        ------
        DataError
            If the file is missing, truncated or damaged, or gives other words than it promises.
        SchemaError
            If it is of another format or version, or its network cannot be computed.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            msg = f"{path} cannot be read ({error.strerror}); make it with: l1ml export network <model folder> {path}"
            raise DataError(msg) from error
        unsealed(content, FORMAT, FORMAT_VERSION, str(path))
        try:
            with h5py.File(io.BytesIO(content), "r") as file:
                return cls._from_file(file)
        except (DataError, SchemaError) as error:
            msg = f"{path}: {error}"
            raise type(error)(msg) from error
        except (*_DAMAGE, ConfigError) as error:
            msg = f"{path} is damaged: {error}"
            raise DataError(msg) from error

    @classmethod
    def _from_file(cls, file: h5py.File) -> Self:
        golden = GoldenWords(
            read_words(file["golden"], "input_words").astype(np.int32), read_words(file["golden"], "score_words")
        )
        texts = {name: text_of(file, name) for name in ("name", "schema_digest", "score")}
        features, score_names = read_texts(file, "features"), read_texts(file, "score_names")
        network = cls(**texts, features=features, network=network_from(file), score_names=score_names, golden=golden)
        for name, text in network._header().items():
            if text_of(file, name) != text:
                msg = f"{name} is {text_of(file, name)}, the network inside has {text}"
                raise DataError(msg)
        return network


def read_network(path: Path) -> PortableNetwork:
    """The network at `path`: the folder of a trained model, or the file of one network.

    Raises
    ------
    DataError, SchemaError
        As `TriggerModel.load` and `PortableNetwork.load`.
    """
    return PortableNetwork.load(path) if path.is_file() else PortableNetwork.of_model(TriggerModel.load(path))
