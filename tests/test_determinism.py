from __future__ import annotations

import pytest

from l1ml.determinism import graphs_as_written

tensorflow = pytest.importorskip("tensorflow")


def rewriting_is_off() -> bool:
    return bool(tensorflow.config.optimizer.get_experimental_options().get("disable_meta_optimizer", False))


def test_graphs_are_left_alone_for_a_while() -> None:
    before = rewriting_is_off()

    def fails() -> None:
        with graphs_as_written():
            assert rewriting_is_off()
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert rewriting_is_off() == before
