"""Reading the registry of Windows; on other systems it is empty."""

import importlib
import os
from collections.abc import Mapping
from typing import Any


def values_below(key: str) -> Mapping[str, Any]:
    """The values of a key, lists being its subkeys; the machine's win over the person's."""
    found: dict[str, Any] = {}
    if os.name != "nt" or not key:
        return found
    winreg: Any = importlib.import_module("winreg")
    for hive in (winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE):
        try:
            with winreg.OpenKey(hive, key) as opened:
                found |= _values(winreg, opened)
        except OSError:
            continue  # nobody has set a rule there
    return found


def _values(winreg: Any, opened: Any) -> dict[str, Any]:
    keys, values, _ = winreg.QueryInfoKey(opened)
    found = {}
    for number in range(values):
        name, value, _ = winreg.EnumValue(opened, number)
        found[name] = value
    for number in range(keys):
        name = winreg.EnumKey(opened, number)
        with winreg.OpenKey(opened, name) as inner:
            found[name] = list(_values(winreg, inner).values())
    return found
