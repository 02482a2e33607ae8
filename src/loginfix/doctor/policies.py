"""An administrator's rules for a browser, from wherever the system keeps them."""

import json
import plistlib
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loginfix.data import data_root
from loginfix.doctor.registry import values_below

_MANAGED = "Library/Managed Preferences"


def policies_of(
    brand: str, *, root: Path = Path("/"), platform: str = sys.platform
) -> Mapping[str, Any]:
    """All rules of a brand; later files win, as in the browsers. Empty where there are none.

    Raises:
        ValueError, TypeError: A file of rules is not what it should be.
    """
    table = tomllib.loads((data_root() / "doctor" / "policies.toml").read_text("utf-8"))
    places = table.get(brand, {})
    found: dict[str, Any] = {}
    if platform == "win32":
        return values_below(places.get("windows", ""))
    if platform == "darwin":
        path = root / _MANAGED / f"{places.get('macos', '')}.plist"
        return plistlib.loads(path.read_bytes()) if path.is_file() else {}
    for folder in places.get("linux", []):
        for path in sorted((root / folder).glob("*.json")):
            rules = json.loads(path.read_text("utf-8"))
            # Firefox has one more level around its rules.
            found |= rules.get("policies", rules)
    return found
