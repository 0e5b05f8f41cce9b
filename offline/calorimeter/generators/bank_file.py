"""The file of a bank of generators: all of them, each as in a file of its own. This text is the specification.

HDF5, layout version 1::

    /               attributes:
        format          "l1ml-generator-bank"
        format_version  1 (integer)
        slices          JSON: [particle, lowest |eta|, highest |eta|, digest of the generator] of each number
        digest          SHA-256 of `slices`
    /<number>       a generator, as `offline.calorimeter.generators.generator_file` has it
"""

from __future__ import annotations

import json
from pathlib import Path

import h5py

from l1ml.errors import DataError, L1mlError, SchemaError
from l1ml.storage import atomic_path, digest_of
from offline.calorimeter.generators.bank import EtaSlice, GeneratorBank
from offline.calorimeter.generators.generator import ShowerGenerator
from offline.calorimeter.generators.generator_file import DAMAGE, generator_in, put_generator

__all__ = ["read_bank", "write_bank"]

_FORMAT, _VERSION = "l1ml-generator-bank", 1


def write_bank(path: Path, bank: GeneratorBank) -> None:
    """Write `bank` to `path`, whole or not at all.

    Raises
    ------
    StorageError
        If `path` cannot be written.
    """
    with atomic_path(path) as part, h5py.File(part, "w") as file:
        slices = []
        for number, one in enumerate(bank.slices):
            digest = put_generator(file.create_group(str(number)), bank.generators[one])
            slices.append([one.particle, one.lowest, one.highest, digest])
        header = {"format": _FORMAT, "format_version": _VERSION, "slices": json.dumps(slices), "digest": digest_of(slices)}
        file.attrs.update(header)


def read_bank(path: Path) -> GeneratorBank:
    """The bank in the file `path`; Keras is needed only to draw from a diffusion in it.

    Raises
    ------
    DataError
        If the file is missing or damaged.
    SchemaError
        If it is no such file, or of a newer version.
    """
    if not path.is_file():
        msg = f"{path} does not exist; l1ml-offline calo bank makes banks of generators"
        raise DataError(msg)
    try:
        with h5py.File(path, "r") as file:
            _check_header(path, file)
            slices = json.loads(file.attrs["slices"])
            if file.attrs["digest"] != digest_of(slices):
                msg = f"{path} is damaged: its slices do not have the digest that it states"
                raise DataError(msg)
            found = {EtaSlice(*one[:3]): _generator(path, file[str(number)], one[3]) for number, one in enumerate(slices)}
    except L1mlError:
        raise
    except DAMAGE as error:
        msg = f"{path} is damaged or no bank of generators ({error})"
        raise DataError(msg) from error
    return GeneratorBank(found)


def _check_header(path: Path, file: h5py.File) -> None:
    """Refuse other files and newer ones."""
    if file.attrs.get("format") != _FORMAT:
        msg = f"{path} is no bank of generators: its format is {file.attrs.get('format')!r}, expected {_FORMAT!r}"
        raise SchemaError(msg)
    if file.attrs["format_version"] != _VERSION:
        msg = f"{path} is a bank of version {file.attrs['format_version']}; this l1ml reads version {_VERSION}: update it"
        raise SchemaError(msg)


def _generator(path: Path, group: h5py.Group, digest: str) -> ShowerGenerator:
    """The generator in `group`, if it is the one that belongs there."""
    if group.attrs["digest"] != digest:
        msg = f"{path} is damaged: the generator {group.name} is not the one of its slice"
        raise DataError(msg)
    return generator_in(group, f"{path}, generator {group.name},")
