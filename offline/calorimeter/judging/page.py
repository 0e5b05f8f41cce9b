"""The page of a judgement: numbers beside their floors, and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from l1ml.errors import DataError
from l1ml.reporting.formatting import with_error
from l1ml.reporting.markdown import table_to_markdown
from l1ml.reporting.page_folder import PageFolder
from l1ml.reporting.table import Table
from l1ml.storage import read_json
from offline.calorimeter.judging.figures import render_figures
from offline.calorimeter.judging.published import Submission

__all__ = ["NUMBERS", "PAGE", "headline_rows", "judgement_page", "read_judgement", "write_judgement_page"]

NUMBERS, PAGE = "judgement.json", "judgement.md"
"""Files of a page, beside its pictures."""

_FOLDER = PageFolder("judgement", NUMBERS, PAGE)
_INPUTS = {"high": "features", "low": "voxels"}
_MOST_FEATURES = 12


def write_judgement_page(content: Mapping[str, Any], folder: Path, published: Sequence[Submission] = ()) -> list[Path]:
    """Write numbers, pictures and text into `folder`, whole or not at all; returns its files.

    Parameters
    ----------
    content : mapping
        What `Judgement.to_dict` gives.
    folder : Path
        New, empty, or of an older page, which is replaced.
    published : sequence of Submission
        Drawn beside it.

    Raises
    ------
    StorageError
        If the folder holds anything but an older page, or cannot be written.
    """
    _FOLDER.check(folder)
    figures = render_figures(content, published)
    return _FOLDER.write(folder, content, judgement_page(content), figures)


def read_judgement(folder: Path) -> dict[str, Any]:
    """The numbers in `folder`.

    Raises
    ------
    DataError
        If there are none, or they are something else.
    """
    content = read_json(folder / NUMBERS, "l1ml-offline calo evaluate")
    if not isinstance(content, dict) or not {"separation", "distances", "pictures", "classifiers"} <= set(content):
        msg = f"{folder / NUMBERS} is no judgement of showers; make it again with: l1ml-offline calo evaluate"
        raise DataError(msg)
    return content


def judgement_page(content: Mapping[str, Any]) -> Iterator[str]:
    """Paragraphs of the page, figures aside."""
    counts, geometry = content["showers"], content["geometry"]
    yield "# Generated showers against truth"
    yield (
        f"{counts['generated']:,} generated and {counts['truth']:,} true showers of {geometry['voxels']:,} voxels in "
        f"{geometry['layers']} layers, seed {content['seed']}. Every number stands beside what two halves of the truth give."
    )
    yield table_to_markdown(_headline(content))
    yield table_to_markdown(_distances(content))
    yield table_to_markdown(_features(content))
    if content["response"]:
        yield table_to_markdown(_response(content["response"], content["response_overall"]))
    for kind, found in content["classifiers"].items():
        yield table_to_markdown(_tails(kind, found["weights"]))
    if content["timing"]:
        yield table_to_markdown(_timing(content))
    yield "Versions: " + ", ".join(f"{name} {number}" for name, number in content["versions"].items()) + "."


def headline_rows(content: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """The few numbers that people ask for first: name, value, its floor, and how many standard deviations are between them."""
    for kind, found in content["classifiers"].items():
        floor = found["between_halves"]
        beside = "not asked for" if floor is None else with_error(floor["auc"], floor["error"])
        sigma = (found["auc"] - 0.5) / found["error"]
        yield f"AUC, {_INPUTS[kind]}", with_error(found["auc"], found["error"]), beside, f"{sigma:.1f}"
    measured = {**content["distances"], **content["manifold"], **content["correlations"]}
    for name, one in measured.items():
        yield name, with_error(one["value"], one["error"]), with_error(one["floor"], one["floor_error"]), _sigma(one)


def _sigma(one: Mapping[str, Any]) -> str:
    return "no scatter" if one["sigma"] is None else f"{one['sigma']:.1f}"


def _headline(content: Mapping[str, Any]) -> Table:
    note = (
        "Areas: error of the judged showers; sigma from one half. Others: mean and standard deviation over random halves of "
        f"{next(iter(content['distances'].values()))['size']:,} showers; sigma in standard deviations of the floor."
    )
    return Table("Quality", ("number", "generated", "truth against itself", "sigma"), tuple(headline_rows(content)), note)


def _distances(content: Mapping[str, Any]) -> Table:
    frechet, kernel = content["frechet"], content["kernel"]
    sizes = f"{frechet['sizes'][0]:,.0f} to {frechet['sizes'][-1]:,.0f}"
    rows = (
        ("FPD x 1000", with_error(1e3 * frechet["value"], 1e3 * frechet["error"]), f"batches of {sizes}"),
        ("FPD x 1000, pools corrected", f"{1e3 * frechet['corrected']:.3g}", "what finite samples add, taken off"),
        ("KPD x 1000", with_error(1e3 * kernel["value"], 1e3 * kernel["error"]), f"batches of {kernel['size']:,}"),
    )
    note = "As published for submissions to the CaloChallenge; the values compare with those of as many showers only."
    return Table("Distances of all showers", ("number", "value", ""), rows, note)


def _features(content: Mapping[str, Any]) -> Table:
    ordered = sorted(content["separation"].items(), key=lambda item: -_order(item[1]))[:_MOST_FEATURES]
    rows = tuple(
        (name, with_error(one["value"], one["error"]), with_error(one["floor"], one["floor_error"]), _sigma(one))
        for name, one in ordered
    )
    over = sum(_order(one) > 5 for one in content["separation"].values())
    note = f"{over} of {len(content['separation'])} features are more than 5 standard deviations above their floors."
    return Table("Separation powers, furthest first", ("feature", "generated", "truth against itself", "sigma"), rows, note)


def _order(one: Mapping[str, Any]) -> float:
    return float("inf") if one["sigma"] is None else float(one["sigma"])


def _response(rows: Sequence[Mapping[str, Any]], overall: Mapping[str, Any] | None) -> Table:
    cells = [
        (
            f"{row['low'] / 1000:.3g} to {row['high'] / 1000:.3g}",
            f"{row['truth']['mean']:.4f}",
            _ratio(row, "mean"),
            f"{100 * row['truth']['width']:.2f}",
            _ratio(row, "width"),
        )
        for row in rows
    ]
    if overall is not None:
        ratios = [with_error(overall[name], overall[f"{name}_error"]) for name in ("mean", "width")]
        cells.append(("all", "", ratios[0], "", ratios[1]))
    columns = ("energy [GeV]", "true response", "generated / true", "true resolution [%]", "generated / true")
    return Table("Response", columns, tuple(cells))


def _ratio(row: Mapping[str, Any], name: str) -> str:
    ratio = row[f"{name}_ratio"]
    return "n/a" if ratio is None else with_error(ratio, row[f"{name}_ratio_error"])


def _tails(kind: str, weights: Mapping[str, Any]) -> Table:
    rows = tuple(
        (f"{'<' if tail['chance'] < 0.5 else '>'} {tail['weight']:.3g}", *(f"{100 * tail[name]:.3f}" for name in _SHARES))
        for tail in weights["tails"]
    )
    note = (
        f"Mean weight of generated showers {with_error(weights['mean'], weights['mean_error'])}, one if weights are right; "
        f"reweighting would leave {100 * weights['effective']:.0f} % of them. Worst generated showers: {weights['invented']}; "
        f"worst true ones: {weights['missed']}."
    )
    columns = ("weight", "true [%]", "generated [%]", "expected of generated [%]")
    return Table(f"Tails of the weights, classifier of {_INPUTS[kind]}", columns, rows, note)


_SHARES = ("truth", "generated", "expected")


def _timing(content: Mapping[str, Any]) -> Table:
    names = ("median_ms", "fastest_ms", "slowest_ms", "cpu_ms", "first_ms")
    rows = tuple((f"{row['batch']:,}", *(f"{row[name]:.3g}" for name in names), str(row["calls"])) for row in content["timing"])
    machine = content["machine"]
    note = f"{machine['processor']}, {machine['cores']} cores, OMP_NUM_THREADS {machine['threads']}."
    columns = ("batch", "median [ms]", "fastest [ms]", "slowest [ms]", "processor [ms]", "first call [ms]", "calls")
    return Table("Time for a shower", columns, rows, note)
