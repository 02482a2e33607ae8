"""Where the declarative files are: inside the wheel, or at the top of a checkout."""

from functools import cache
from pathlib import Path


@cache
def data_root() -> Path:
    """The directory that holds ``browsers/``, ``stores/`` and ``sites/``."""
    here = Path(__file__).resolve().parent
    packaged = here / "profiles"
    return packaged if packaged.is_dir() else here.parents[1] / "profiles"
