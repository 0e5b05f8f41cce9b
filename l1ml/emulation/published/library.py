"""A published network as a shared library that keeps its names to itself."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from l1ml._optional import require
from l1ml.emulation.published.declarations import included_names, without_comments
from l1ml.emulation.published.sources import PublishedSources
from l1ml.emulation.shared_library import Unit, bench_source, build_library, workspace
from l1ml.errors import ConversionError
from l1ml.storage import digest_of

__all__ = ["build_published", "number_types"]

_BENCHES = {
    "published_network.cpp": "published_network.cpp",
    "published_bench.cpp": "published_bench.cpp",
    "published_ports.h": "published_ports.h",
    # the name that published emulator classes include
    "published_emulator.h": "emulator.h",
}

# Versions of a network carry functions, tables and templates of the same names. Hidden and bound inside the library, they cannot
# meet those of another one; without -fno-gnu-unique the loader would make static tables of templates one for the whole process.
_COMPILE = ("-O2", "-ffp-contract=off", "-fvisibility=hidden", "-fvisibility-inlines-hidden", "-fno-gnu-unique")
_LINK = ("-Wl,-Bsymbolic", "-Wl,-z,defs")

_SYNTHESIS = "__SYNTHESIS__"
"""What hls4ml's headers of weights ask for before they show their values."""


def number_types(sources: PublishedSources) -> Path:
    """Folder of ``ap_fixed.h``: the one that was published with the network, or else that of the installed hls4ml.

    Raises
    ------
    ToolNotFoundError
        If neither is there.
    """
    for folder in sources.folders:
        if (folder / "ap_fixed.h").is_file():
            return folder
    # found, not imported: its headers are all that is needed, and importing it brings TensorFlow in
    spec = importlib.util.find_spec("hls4ml")
    places = (require("hls4ml").__path__ if spec is None else spec.submodule_search_locations) or []
    for place in places:
        folder = Path(place) / "templates" / "vivado" / "ap_types"
        if (folder / "ap_fixed.h").is_file():
            return folder
    where = ", ".join(map(str, places))
    msg = f"hls4ml in {where} has no templates/vivado/ap_types; give a folder with ap_fixed.h: includes=[...]"
    raise ConversionError(msg)


def build_published(sources: PublishedSources, build_folder: Path) -> Path:
    """Path of the library in `build_folder`, built if it is not there yet.

    Raises
    ------
    ToolNotFoundError
        If g++ is not on PATH, or no ``ap_fixed.h`` is there.
    ConversionError
        If g++ refuses the sources.
    StorageError
        If `build_folder` cannot be written.
    """
    types = number_types(sources)
    files = {name: bench_source(bench) for bench, name in _BENCHES.items()} | {
        "l1ml_interface.h": _interface(sources),
        "l1ml_weights.h": _weights(sources),
        "l1ml_top.h": _top(sources),
    }
    headers = {str(path.relative_to(types)): digest_of(path.read_bytes()) for path in sorted(types.rglob("*.h"))}
    # the generated files hold paths: only what they say about the sources counts, and the digest of those is there
    content = {
        "sources": sources.digest,
        "types": headers,
        "benches": digest_of({name: files[name] for name in _BENCHES.values()}),
    }
    flags = [*_COMPILE, *_LINK]
    library = build_folder.resolve() / f"{sources.name}-{digest_of([content, flags])[:12]}.so"
    if library.is_file():
        return library
    with workspace(library) as folder:
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        places = tuple(f"-I{path}" for path in (folder, *sources.folders, types))
        units = [Unit(folder / name, _COMPILE + places) for name in ("published_network.cpp", "published_bench.cpp")]
        build_library(units, library, folder, _LINK)
    return library


def _interface(sources: PublishedSources) -> str:
    """Header for the bench: what is called, and how long its arrays are, in the words of the prototype."""
    space = sources.prototype.namespace
    opening, closing = (f"namespace {space} {{ ", " }") if space else ("", "")
    lines = [_include(sources.header)]
    if sources.emulator is not None:
        lines = ['#include "emulator.h"', _include(sources.emulator), "#define L1ML_EMULATOR"]
        lines.insert(1, _include(sources.header))
    return "\n".join(
        [
            "#include <cstddef>",
            *lines,
            # the sizes are read where the prototype stands, with the constants that it sees
            f"{opening}constexpr std::size_t l1ml_sizes[] = {{{', '.join(sources.prototype.sizes)}}};{closing}",
            f"#define L1ML_SIZES {f'::{space}' if space else ''}::l1ml_sizes",
            f"#define L1ML_TOP {sources.prototype.qualified_name}",
            "",
        ]
    )


def _weights(sources: PublishedSources) -> str:
    """Headers in an order that gives every table its values: those that show them to a synthesiser only come first."""
    headers = dict.fromkeys(path for path, _ in sources.value_tables() if _SYNTHESIS in _text(path))
    guarded = [f"#define {_SYNTHESIS}", *(_include(path) for path in headers), f"#undef {_SYNTHESIS}"]
    names = included_names(_text(sources.source))
    rest = [_include(path) for name in names if (path := sources.source.parent / name).is_file()]
    return "\n".join([_include(sources.header), *guarded, *rest, ""])


def _top(sources: PublishedSources) -> str:
    tables = " ".join(f"L1ML_TABLE({table.name})" for _, table in sources.value_tables())
    return f"{_include(sources.source)}\n#define L1ML_TABLES {tables}\n"


def _include(path: Path) -> str:
    return f'#include "{path}"'


def _text(path: Path) -> str:
    return without_comments(path.read_text(encoding="utf-8", errors="replace"))
