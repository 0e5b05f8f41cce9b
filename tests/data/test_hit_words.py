from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from l1ml.data import read_events
from l1ml.data.generation.drift_chamber import ChamberConfig
from l1ml.data.generation.hit_samples import HitsConfig, digest_of_hits, write_hits
from l1ml.data.hit_words import hit_events, hits_of_tracks, hits_schema
from l1ml.errors import ConfigError
from l1ml.hardware.detector import Detector, DetectorLayer

DETECTOR = Detector("chamber", (DetectorLayer(20.0, 3), DetectorLayer(22.0, 4, 0.5)), 20.0)


def test_a_network_reads_the_times_and_not_the_truth() -> None:
    schema, words = hits_schema(DETECTOR, 5), np.arange(14, dtype=np.int32).reshape(2, 7)
    events = hit_events(schema, words, words % 2 == 1, first=10)
    np.testing.assert_array_equal(events.features(), words)
    np.testing.assert_array_equal(hits_of_tracks(events), words % 2 == 1)
    assert schema.features == tuple(f"layer_{layer}_{place}_time" for layer, n in ((0, 3), (1, 4)) for place in range(n))
    assert events.event.tolist() == events.group.tolist() == [10, 11]
    assert all(item.max_word == 31 for item in schema.feature_formats)


def test_a_sample_is_written_once_for_all_and_is_what_its_digest_says(tmp_path: Path) -> None:
    config, schema = HitsConfig(10_500, 3), hits_schema(DETECTOR, 5)
    digests = {write_hits(tmp_path / name, DETECTOR, config) for name in ("a.h5", "b.h5")}
    assert digests == {digest_of_hits(DETECTOR, config)}
    one, other = (read_events(tmp_path / name, schema) for name in ("a.h5", "b.h5"))
    np.testing.assert_array_equal(one.features(), other.features())
    assert one.n == len(np.unique(one.group)) == 10_500
    # blocks have streams of their own: a smaller sample begins as this one does
    write_hits(tmp_path / "c.h5", DETECTOR, HitsConfig(10_000, 3))
    np.testing.assert_array_equal(read_events(tmp_path / "c.h5", schema).features(), one.features()[:10_000])
    assert digest_of_hits(DETECTOR, HitsConfig(10_500, 3, ChamberConfig(tracks=1.0))) not in digests


def test_an_empty_sample_is_refused() -> None:
    with pytest.raises(ConfigError, match="at least one crossing"):
        HitsConfig(0)
