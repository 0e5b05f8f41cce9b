"""What the words at the Global Trigger's inputs mean, by era.

Source: "Scales for inputs to the uGT" (mp7_ugt_legacy, 8 May 2024) and the dated history of the constants in its ``gtl_pkg.vhd``:
2017-04 raw muon coordinates; 2018-08 asymmetry and centrality; 2020-06 unconstrained muon pt and impact parameter in place of
raw eta; 2021-06 muon showers; 2021-10 displaced jets; 2023-03 third muon-shower bit; 2023-10 CICADA. The 2016 layout is the
48-column form of the vector file, which has 8 taus and 4 sums.

Objects carry the lower-case names of the menu grammar: ``ett``, ``ettem``, ``towercount``, ``mbt0hfp``, ``asymet``, ``cent``...
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from l1ml.errors import DataError, SchemaError, nearest
from l1ml.hardware.link_words import BitField, WordLayout, Words

__all__ = ["UGT_LAYOUTS", "ZDC_FRAMES", "Column", "Part", "UgtLayout", "UgtObject", "ugt_layout"]


@dataclass(frozen=True, slots=True)
class Column:
    """`n_words` consecutive columns of a vector file that carry words of one layout."""

    name: str
    n_words: int
    layout: WordLayout

    @property
    def n_digits(self) -> int:
        """Hexadecimal digits of one word."""
        return self.layout.n_bits // 4


@dataclass(frozen=True, slots=True)
class Part:
    """Bits of an object's field: a field of a column's words, in all of them or (`slot`) in one."""

    column: str
    field: str
    slot: int | None = None


@dataclass(frozen=True, slots=True)
class UgtObject:
    """A kind of object: how many there are in a crossing and where each of their fields lies.

    A field of several parts is their bits put together, the most significant part first.
    """

    n_slots: int
    fields: Mapping[str, tuple[Part, ...]]


@dataclass(frozen=True)
class UgtLayout:
    """Everything that an input of the Global Trigger carries in one era.

    Parameters
    ----------
    era : str
        First year of data taking with this layout.
    columns : tuple of Column
        Words in the order of the vector file.
    objects : mapping of UgtObject
        Fields by object; no bit belongs to two of them.
    """

    era: str
    columns: tuple[Column, ...]
    objects: Mapping[str, UgtObject]
    n_externals: int = 256
    n_algorithms: int = 512

    def column(self, name: str) -> Column:
        """The column called `name`.

        Raises
        ------
        SchemaError
            If the era has no such words.
        """
        for column in self.columns:
            if column.name == name:
                return column
        msg = f"the {self.era} layout has no words {name!r}; {nearest(name, [column.name for column in self.columns])}"
        raise SchemaError(msg)

    @property
    def n_columns(self) -> int:
        """Columns of a vector file: crossing number, words, externals, algorithms, final OR."""
        return sum(column.n_words for column in self.columns) + 4

    @cached_property
    def used(self) -> Mapping[str, Words]:
        """Bits with a meaning, for each column one mask a word, shape (n_words,)."""
        masks = {column.name: np.zeros(column.n_words, np.uint64) for column in self.columns}
        for parts in (parts for item in self.objects.values() for parts in item.fields.values()):
            for part in parts:
                rows = slice(None) if part.slot is None else part.slot
                masks[part.column][rows] |= np.uint64(self.column(part.column).layout.field(part.field).mask)
        return MappingProxyType(masks)

    def decode(self, words: Mapping[str, Words]) -> dict[str, dict[str, NDArray[np.int64]]]:
        """Fields of every object, shape (n, n_slots), from the `words` of every column, shape (n, n_words)."""
        return {
            name: {field: self._gather(words, parts) for field, parts in item.fields.items()}
            for name, item in self.objects.items()
        }

    def encode(
        self,
        objects: Mapping[str, Mapping[str, ArrayLike]],
        n: int,
        spare: Mapping[str, Words] = MappingProxyType({}),
    ) -> dict[str, Words]:
        """Words of every column, shape (n, n_words), from the fields of `objects`, shape (n, n_slots); what is not given is 0.

        `spare` are bits without a meaning that the words had: ``encode(decode(w), n, unused(w))`` is ``w`` for any words.

        Raises
        ------
        SchemaError
            If the era has no such object or field.
        DataError
            If a shape is wrong or a value does not fit into its field.
        """
        words = {column.name: np.zeros((n, column.n_words), np.uint64) for column in self.columns}
        for name, columns in objects.items():
            for field, values in columns.items():
                item = self.object(name, field)
                given = np.asarray(values, dtype=np.int64)
                if given.shape != (n, item.n_slots):
                    msg = f"{name}/{field} has the shape {given.shape}, expected {(n, item.n_slots)}"
                    raise DataError(msg)
                self._spread(words, item.fields[field], given)
        return {name: column | spare.get(name, np.uint64(0)) for name, column in words.items()}

    def unused(self, words: Mapping[str, Words]) -> dict[str, Words]:
        """Bits of `words` without a meaning in this era, by column, shape (n, n_words); all 0 where the layout is right."""
        return {name: column & ~self.used[name] for name, column in words.items()}

    def object(self, name: str, field: str) -> UgtObject:
        """The object called `name`, if it has the field `field`.

        Raises
        ------
        SchemaError
            If the era has no such object or the object no such field.
        """
        if name not in self.objects:
            msg = f"the {self.era} layout has no object {name!r}; {nearest(name, self.objects)}"
            raise SchemaError(msg)
        if field not in self.objects[name].fields:
            msg = f"{name} has no field {field!r} in {self.era}; {nearest(field, self.objects[name].fields)}"
            raise SchemaError(msg)
        return self.objects[name]

    def _gather(self, words: Mapping[str, Words], parts: tuple[Part, ...]) -> NDArray[np.int64]:
        """Values of the field that `parts` make up."""
        if len(parts) == 1 and parts[0].slot is None:
            return self.column(parts[0].column).layout.field(parts[0].field).decode(words[parts[0].column])
        value = np.zeros((len(words[parts[0].column]), 1), np.int64)
        for part in parts:
            bits = self.column(part.column).layout.field(part.field)
            value = (value << bits.width) | bits.decode(words[part.column][:, [part.slot or 0]])
        return value

    def _spread(self, words: dict[str, Words], parts: tuple[Part, ...], values: NDArray[np.int64]) -> None:
        """Write `values` into the bits of `words` that `parts` name."""
        if len(parts) == 1 and parts[0].slot is None:
            words[parts[0].column] |= self.column(parts[0].column).layout.field(parts[0].field).encode(values)
            return
        rest = values[:, 0]
        for part in parts[:0:-1]:
            bits = self.column(part.column).layout.field(part.field)
            words[part.column][:, part.slot or 0] |= bits.encode(rest & bits.max_value)
            rest = rest >> bits.width
        words[parts[0].column][:, parts[0].slot or 0] |= self.column(parts[0].column).layout.field(parts[0].field).encode(rest)


_MUON_2016 = (
    BitField("phi", 0, 10),
    BitField("pt", 10, 9),
    BitField("quality", 19, 4),
    BitField("eta", 23, 9, signed=True),
    BitField("isolation", 32, 2),
    BitField("charge", 34, 1),
    BitField("charge_valid", 35, 1),
)
_MUON_2018 = (*_MUON_2016, BitField("index", 36, 7), BitField("phi_out", 43, 10), BitField("eta_out", 53, 9, signed=True))
_MUON_2022 = (
    *_MUON_2016,
    BitField("index", 36, 7),
    BitField("phi_out", 43, 10),
    BitField("unconstrained_pt", 53, 8),
    BitField("shower", 61, 1),
    BitField("impact", 62, 2),
)
_EGAMMA = (BitField("pt", 0, 9), BitField("eta", 9, 8, signed=True), BitField("phi", 17, 8), BitField("isolation", 25, 2))
_JET_2016 = (BitField("pt", 0, 11), BitField("eta", 11, 8, signed=True), BitField("phi", 19, 8))
_JET_2022 = (*_JET_2016, BitField("displaced", 27, 1), BitField("quality", 28, 2))
_PT = BitField("pt", 0, 12)
_PHI = BitField("phi", 12, 8)
_ASYMMETRY = BitField("asymmetry", 20, 8)
_MIN_BIAS = BitField("min_bias", 28, 4)
_CENTRALITY = BitField("centrality", 28, 4)
_SUMS_2016 = {
    "ett": (_PT, _MIN_BIAS),
    "htt": (_PT, _MIN_BIAS),
    "etm": (_PT, _PHI, _MIN_BIAS),
    "htm": (_PT, _PHI, _MIN_BIAS),
}
_SUMS_2018 = {
    "ett": (_PT, BitField("electromagnetic", 12, 12), _MIN_BIAS),
    "htt": (_PT, BitField("towercount", 12, 13), _MIN_BIAS),
    "etm": (_PT, _PHI, _ASYMMETRY, _MIN_BIAS),
    "htm": (_PT, _PHI, _ASYMMETRY, _MIN_BIAS),
    "etmhf": (_PT, _PHI, _ASYMMETRY, _CENTRALITY),
    "htmhf": (_PT, _PHI, _ASYMMETRY, _CENTRALITY),
}
_CICADA = (BitField("nibble", 28, 4),)
_RIDERS = {"shower", "min_bias", "electromagnetic", "towercount", "asymmetry", "centrality", "nibble"}
"""Fields of a word that are no part of the object the word is named after."""

ZDC_FRAMES: Mapping[str, tuple[int, WordLayout]] = MappingProxyType(
    {
        "zdcm": (1, WordLayout("zdcm", 32, (BitField("energy", 0, 10),))),
        "zdcp": (2, WordLayout("zdcp", 32, (BitField("energy", 0, 10),))),
        "counter": (4, WordLayout("counter", 32, (BitField("count", 0, 12),))),
    }
)
"""Zero-degree calorimeter: frame of link 71 and its word. The vector file has no column for this link."""


def _calorimeter_and_muons(muon: tuple[BitField, ...], jet: tuple[BitField, ...], n_tau: int) -> tuple[Column, ...]:
    """The columns that hold lists of objects."""
    return (
        Column("muon", 8, WordLayout("muon", 64, muon)),
        Column("egamma", 12, WordLayout("egamma", 32, _EGAMMA)),
        Column("tau", n_tau, WordLayout("tau", 32, _EGAMMA)),
        Column("jet", 12, WordLayout("jet", 32, jet)),
    )


def _single(name: str, fields: tuple[BitField, ...]) -> Column:
    """A column of one 32-bit word."""
    return Column(name, 1, WordLayout(name, 32, fields))


def _lists(columns: tuple[Column, ...]) -> dict[str, UgtObject]:
    """Objects that are a word each, without the bits that ride in their words."""
    own = {column: [name for name in column.layout.names if name not in _RIDERS] for column in columns}
    return {
        column.name: UgtObject(column.n_words, {name: (Part(column.name, name),) for name in names})
        for column, names in own.items()
        if names
    }


def _riders_2016() -> dict[str, UgtObject]:
    """Minimum-bias bits of the forward calorimeter, which ride in the words of the sums."""
    hosts = {"mbt0hfp": "ett", "mbt0hfm": "htt", "mbt1hfp": "etm", "mbt1hfm": "htm"}
    return {name: UgtObject(1, {"count": (Part(host, "min_bias"),)}) for name, host in hosts.items()}


def _riders_2018() -> dict[str, UgtObject]:
    """All quantities that ride in the words of the sums."""
    asymmetries = {"asymet": "etm", "asymht": "htm", "asymethf": "etmhf", "asymhthf": "htmhf"}
    return {
        **_riders_2016(),
        "ettem": UgtObject(1, {"pt": (Part("ett", "electromagnetic"),)}),
        "towercount": UgtObject(1, {"count": (Part("htt", "towercount"),)}),
        **{name: UgtObject(1, {"count": (Part(host, "asymmetry"),)}) for name, host in asymmetries.items()},
        "cent": UgtObject(1, {"bits": (Part("htmhf", "centrality", 0), Part("etmhf", "centrality", 0))}),
    }


def _showers(slots: Mapping[str, int]) -> dict[str, UgtObject]:
    """Muon-shower bits: bit 61 of the muon words at `slots`."""
    return {"muon_shower": UgtObject(1, {name: (Part("muon", "shower", slot),) for name, slot in slots.items()})}


def _cicada() -> dict[str, UgtObject]:
    """Anomaly score (8 integer, 8 fractional bits) and heavy-ion bits, four bits a word of link 11."""
    nibbles = tuple(Part("link11", "nibble", slot) for slot in range(6))
    return {"cicada": UgtObject(1, {"score": nibbles[:4], "heavy_ion": nibbles[4:]})}


def _layout_2016() -> UgtLayout:
    columns = (
        *_calorimeter_and_muons(_MUON_2016, _JET_2016, 8),
        *(_single(name, fields) for name, fields in _SUMS_2016.items()),
    )
    return UgtLayout("2016", columns, MappingProxyType({**_lists(columns), **_riders_2016()}))


def _layout(
    era: str,
    muon: tuple[BitField, ...],
    jet: tuple[BitField, ...],
    link11: tuple[BitField, ...],
    extra: Mapping[str, UgtObject],
) -> UgtLayout:
    """A layout of the 60-column form."""
    columns = (
        *_calorimeter_and_muons(muon, jet, 12),
        *(_single(name, fields) for name, fields in _SUMS_2018.items()),
        Column("link11", 6, WordLayout("link11", 32, link11)),
    )
    return UgtLayout(era, columns, MappingProxyType({**_lists(columns), **_riders_2018(), **extra}))


_SHOWERS_2022 = {"mus0": 0, "mus1": 2, "musoot0": 4, "musoot1": 6}
_SHOWERS_2023 = {**_SHOWERS_2022, "mus2": 3}

UGT_LAYOUTS: Mapping[str, UgtLayout] = MappingProxyType(
    {
        layout.era: layout
        for layout in (
            _layout_2016(),
            _layout("2018", _MUON_2018, _JET_2016, (), {}),
            _layout("2022", _MUON_2022, _JET_2022, (), _showers(_SHOWERS_2022)),
            _layout("2023", _MUON_2022, _JET_2022, (), _showers(_SHOWERS_2023)),
            _layout("2024", _MUON_2022, _JET_2022, _CICADA, {**_showers(_SHOWERS_2023), **_cicada()}),
            _layout("2025", _MUON_2022, _JET_2022, _CICADA, {**_showers(_SHOWERS_2023), **_cicada()}),
        )
    }
)
"""Layout of each era, by the year it was first used in."""


def ugt_layout(era: str) -> UgtLayout:
    """The layout of `era`.

    Raises
    ------
    SchemaError
        If l1ml knows no layout of that year.
    """
    if era not in UGT_LAYOUTS:
        msg = f"no Global Trigger layout for {era!r}; known eras: {', '.join(UGT_LAYOUTS)}"
        raise SchemaError(msg)
    return UGT_LAYOUTS[era]
