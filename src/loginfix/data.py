"""Where the files are that come with the program: inside the wheel, or in a checkout."""

from functools import cache
from pathlib import Path


@cache
def data_root() -> Path:
    """The directory that holds ``browsers/``, ``stores/`` and ``sites/``."""
    return _packaged("profiles", in_checkout="profiles")


@cache
def recordings_root() -> Path:
    """The directory of the recorded profiles for the demonstration."""
    return _packaged("recordings", in_checkout="tests/recordings")


def _packaged(name: str, *, in_checkout: str) -> Path:
    here = Path(__file__).resolve().parent
    packaged = here / name
    return packaged if packaged.is_dir() else here.parents[1] / in_checkout
