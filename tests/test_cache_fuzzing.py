"""Damaged caches never crash the codecs, nor cost another site an entry.

``LOGINFIX_FUZZ`` makes it more; ``python -m cache_fuzzing`` runs as many as one likes.
"""

import os

import pytest

from cache_fuzzing import FUZZERS

INPUTS = int(os.environ.get("LOGINFIX_FUZZ", "400"))


@pytest.mark.parametrize("kind", sorted(FUZZERS))
def test_a_damaged_cache_is_refused_or_loses_nothing_of_others(kind: str) -> None:
    outcomes = FUZZERS[kind](INPUTS, seed=156)
    assert outcomes.total() == INPUTS
    # Both ways must be tried, or the damage is of no use.
    assert min(outcomes["refused"], INPUTS - outcomes["refused"]) > INPUTS // 50
