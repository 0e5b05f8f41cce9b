from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from l1ml.data import Events, read_events
from l1ml.data.event_writer import EventWriter
from l1ml.data.generation import generate
from l1ml.data.schema import GLOBAL_TRIGGER_SCHEMA, EventSchema, Field, ObjectSchema
from l1ml.errors import ConfigError, SchemaError
from l1ml.hardware import HardwareScale
from l1ml.reporting.comparisons import Comparison, Measured
from l1ml.reporting.validation import RUN_320040, compare, validate_files


def crossings(n: int, rng: np.random.Generator, stretch: float = 1.0) -> Events:
    """Falling spectra in every collection; not physics."""
    collections = {}
    for item in GLOBAL_TRIGGER_SCHEMA.objects:
        columns = {}
        for field in item.fields:
            size = (n, item.n_slots)
            soft = rng.exponential(12.0 * stretch, size).astype(np.int32)
            words = -np.sort(-soft, axis=1) if field.name in {"pt", "count"} else np.zeros(size, np.int32)
            columns[field.column] = np.minimum(words, field.scale.max_word).astype(np.int32)
        collections[item.name] = columns
    number = np.arange(n, dtype=np.uint64)
    return Events(GLOBAL_TRIGGER_SCHEMA, collections, np.full(n, 1 / n), number, number)


def measured(value: float, error: float) -> Measured:
    return Measured(value, error)


@pytest.mark.parametrize(
    ("recorded", "generated", "verdict"),
    [
        (measured(1.0, 0.1), measured(1.9, 0.1), "within a factor 2"),
        (measured(1.0, 0.1), measured(2.2, 0.1), "cannot tell"),
        (measured(1.0, 0.1), measured(5.0, 0.1), "off"),
        (measured(1.0, 0.1), measured(0.1, 0.01), "off"),
        # one crossing of 200: nothing is off
        (measured(0.005, 0.005), measured(0.0005, 0.0001), "cannot tell"),
        (measured(0.005, 0.005), measured(0.2, 0.01), "off"),
        (Measured(0.0, 0.01, is_limit=True), measured(0.001, 0.0005), "none recorded, fits"),
        (Measured(0.0, 0.01, is_limit=True), measured(0.03, 0.001), "cannot tell"),
        (Measured(0.0, 0.01, is_limit=True), measured(0.1, 0.001), "off"),
        (measured(0.1, 0.01), Measured(0.0, 0.001, is_limit=True), "off"),
        (measured(0.005, 0.005), Measured(0.0, 0.01, is_limit=True), "cannot tell"),
    ],
)
def test_verdicts_ask_for_a_factor_of_two_and_mind_the_errors(recorded: Measured, generated: Measured, verdict: str) -> None:
    assert Comparison("mean", "x", recorded, generated).verdict == verdict


def test_a_sample_agrees_with_itself(rng: np.random.Generator) -> None:
    events = crossings(500, rng)
    found = compare(events, events)
    assert set(found.tally()) <= {"within a factor 2", "none recorded, fits"}
    assert {item.ratio for item in found.comparisons} <= {1.0, None}


def test_numbers_by_hand_and_a_harder_sample_is_seen(rng: np.random.Generator) -> None:
    soft, hard = crossings(400, rng), crossings(400, rng, stretch=6.0)
    found = {item.quantity: item for item in compare(hard, soft).comparisons}
    jets = soft.collections["jet"]["hw_pt"]
    assert found["jet, pt >= 20 GeV"].recorded.value == pytest.approx((jets >= 40).sum() / 400)
    fired = (jets[:, 0] >= 60).mean()
    assert found["single jet 30 GeV"].recorded.value == pytest.approx(fired * 2760 * 11.2456)
    assert found["single jet 30 GeV"].recorded.error == pytest.approx(np.sqrt(fired * (1 - fired) / 399) * 2760 * 11.2456)
    assert found["towercount"].recorded.value == pytest.approx(soft.collections["towercount"]["hw_count"].mean())
    assert found["ett"].verdict == "off"
    assert found["ett"].ratio == pytest.approx(6.0, rel=0.3)


def test_the_report_is_whole_and_the_same_twice(rng: np.random.Generator, tmp_path: Path) -> None:
    validation = compare(crossings(100, rng), crossings(60, rng), generated_name="toy", recorded_name="other toy")
    paths = validation.write(tmp_path / "a")
    assert [path.name for path in paths] == ["validation.json", "validation_objects.png", "validation_sums.png", "validation.md"]
    content = json.loads(paths[0].read_text())
    assert content["samples"]["recorded"] == {"name": "other toy", "crossings": 60, "effective": pytest.approx(60), "empty": []}
    assert sum(content["tally"].values()) == len(content["comparisons"])
    text = paths[-1].read_text()
    assert "other toy" in text
    assert all(f"({path.name})" in text for path in paths[1:3])
    assert [path.read_bytes() for path in validation.write(tmp_path / "b")] == [path.read_bytes() for path in paths]


def test_files_are_compared_whatever_their_format(rng: np.random.Generator, tmp_path: Path) -> None:
    paths = [tmp_path / "a.h5", tmp_path / "b.h5"]
    for path in paths:
        with EventWriter(path, GLOBAL_TRIGGER_SCHEMA, process="zero_bias", provenance={}) as writer:
            writer.append(crossings(50, rng))
    numbers = json.loads(validate_files(*paths, tmp_path / "report")[0].read_text())
    assert [numbers["samples"][kind]["name"] for kind in ("generated", "recorded")] == ["a.h5", "b.h5"]


def test_samples_without_common_objects_are_refused(rng: np.random.Generator) -> None:
    schema = EventSchema("odd", 1, (ObjectSchema("odd", 1, (Field("bit", HardwareScale(1.0, 1)),)),))
    number = np.arange(3, dtype=np.uint64)
    odd = Events(schema, {"odd": {"hw_bit": np.zeros((3, 1), np.int32)}}, np.ones(3), number, number)
    with pytest.raises(SchemaError, match="'global_trigger' and 'odd' have no trigger object in common"):
        compare(crossings(10, rng), odd)


def test_generated_zero_bias_is_near_what_run_320040_recorded(real_data: Path, tmp_path: Path) -> None:
    """A small sample; means of the sums and objects of 5 to 10 GeV are within a factor of two, and nothing is surely off."""
    pytest.importorskip("uproot")
    from l1ml.data.readers.l1ntuple import iterate_l1ntuple

    file = real_data / "cms-l1ntuple" / "L1Ntuple_run320040_200ev.root"
    objects = ("muon", "egamma", "tau", "jet", "ett", "ettem", "htt", "etm", "htm", "etmhf", "htmhf", "towercount")
    recorded = Events.concatenate(list(iterate_l1ntuple(file, objects=objects)))
    (record,) = generate(replace(RUN_320040, scale=0.02), tmp_path)
    found = {item.quantity: item for item in compare(read_events(record.path), recorded).comparisons}
    for name in ("ett", "ettem", "etm", "etmhf", "towercount", "jet, pt >= 10 GeV", "tau, pt >= 10 GeV", "egamma, pt >= 5 GeV"):
        assert found[name].verdict == "within a factor 2", found[name]
    # known to be off: soft e/gamma, see the docstring of the fitted response
    assert not [item.quantity for item in found.values() if item.verdict == "off"]


def test_a_process_is_compared_in_shares(rng: np.random.Generator) -> None:
    events = crossings(300, rng)
    found = {item.quantity: item for item in compare(events, events, reference="process").comparisons}
    fired = (events.collections["jet"]["hw_pt"][:, 0] >= 60).mean()
    assert found["single jet 30 GeV"].recorded.value == pytest.approx(fired)
    assert (found["single jet 30 GeV"].kind, found["single jet 30 GeV"].unit) == ("share of crossings", "")


def test_of_triggered_crossings_only_shapes_above_the_threshold_are_compared(rng: np.random.Generator, tmp_path: Path) -> None:
    zero_bias = crossings(40_000, rng, stretch=4.0)
    jet, muon = (zero_bias.collections[name]["hw_pt"][:, 0] for name in ("jet", "muon"))
    # a trigger with a seed for muons and one for hard jets
    chosen = zero_bias.select((jet >= 360) | (muon >= 300))
    found = {item.quantity: item for item in compare(zero_bias, chosen, reference="triggered").comparisons}
    assert set(found) == {
        f"leading {name}, pt >= {multiple * least:g} GeV of those >= {least} GeV"
        for name, least in (("muon", 22), ("egamma", 36), ("jet", 180), ("tau", 120))
        for multiple in (1.25, 1.5, 2, 3)
        if name in {"muon", "egamma", "jet"} or (chosen.collections[name]["hw_pt"][:, 0] >= 2 * least).sum() >= 10
    }
    jets = found["leading jet, pt >= 225 GeV of those >= 180 GeV"]
    assert jets.generated.value == pytest.approx((jet >= 450).sum() / (jet >= 360).sum())
    assert jets.ratio == pytest.approx(1.0)
    full = {name: dict(columns) for name, columns in chosen.collections.items()}
    full["jet"]["hw_pt"] = np.where(np.arange(chosen.n)[:, None] % 3, full["jet"]["hw_pt"], 2047)
    saturated = compare(zero_bias, replace(chosen, collections=full), reference="triggered").comparisons
    assert next(item for item in saturated if "jet, pt >= 540" in item.quantity).recorded.value < 0.1
    validation = compare(zero_bias, chosen, reference="triggered")
    assert [path.name for path in validation.write(tmp_path)] == ["validation.json", "validation_objects.png", "validation.md"]
    soft = crossings(100, rng, stretch=0.5)
    assert not compare(zero_bias, soft, reference="triggered").comparisons


def test_words_that_nobody_filled_are_named_and_left_out(rng: np.random.Generator) -> None:
    events = crossings(100, rng)
    nothing = {**events.collections, "ett": {"hw_pt": np.zeros((100, 1), np.int32)}}
    found = compare(events, replace(events, collections=nothing))
    assert found.samples["recorded"]["empty"] == ["ett"]
    assert not any(item.quantity == "ett" for item in found.comparisons)
    assert "recorded sample without ett" in "".join(found._markdown())


def test_an_unknown_reference_is_refused(rng: np.random.Generator) -> None:
    events = crossings(10, rng)
    with pytest.raises(ConfigError, match="a reference cannot be 'trigger'; did you mean 'triggered'"):
        compare(events, events, reference="trigger")
