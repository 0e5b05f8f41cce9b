from __future__ import annotations

import pytest

from l1ml.errors import ConfigError
from offline.density import Training
from offline.inference.networks import Diffusion, Flow, Matching, Summary
from offline.inference.networks.settings import network_from, table_of


@pytest.mark.parametrize(
    "settings",
    [
        Flow(depth=2, summary=Summary(size=3)),
        Matching(widths=(7,), training=Training(updates=5)),
        Diffusion(least=0.01, coordinates="plain"),
    ],
)
def test_they_come_back_from_plain_values(settings: Flow | Matching) -> None:
    assert network_from(table_of(settings), "here") == settings


def test_a_flow_is_what_is_meant_without_a_name() -> None:
    assert network_from({"bins": 4}, "here") == Flow(bins=4)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"name": "flwo"}, "here has no network 'flwo'; did you mean 'flow'"),
        ({"depht": 3}, "no key 'depht'; did you mean 'depth'"),
        ({"widths": []}, "must be positive"),
        ({"held_out": 1.0}, "share between 0 and 1"),
        ({"transform": "cubic"}, "'spline' or 'affine'"),
        ({"name": "diffusion", "least": 0.0}, "a noise between 0 and 1"),
        ({"name": "diffusion", "steps": 1}, "at least 2 steps"),
        ({"name": "diffusion", "widths": []}, "must be positive"),
        ({"name": "matching", "coordinates": "plane"}, "no coordinates 'plane'; did you mean 'plain'"),
        ({"summary": {"size": 0}}, "must be positive"),
    ],
)
def test_what_cannot_be_meant(table: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        network_from(table, "here")
