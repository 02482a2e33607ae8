"""loginfix takes one site out of every browser on a machine, and can put it back.

What is offered here is imported when it is used, so that ``import loginfix`` costs nothing;
``docs/reference/library.md`` has all of it with an example.
"""

TYPE_CHECKING = False  # as in ``typing``, which would have to be imported

if TYPE_CHECKING:
    from loginfix.api.backups import (
        backup,
        backups,
        check_backups,
        delete_backup,
        new_key,
        prune_backups,
    )
    from loginfix.api.clear import clear, find, find_selected
    from loginfix.api.diagnose import diagnose
    from loginfix.api.installed import installed_browsers, known_sites
    from loginfix.api.machine import Machine
    from loginfix.api.restore import recover, restore
    from loginfix.api.trace import trace
    from loginfix.clearing.selection import Selection
    from loginfix.errors import ExitCode, LoginfixError, Problem
    from loginfix.progress import Doing
    from loginfix.stores.model import Category

__all__ = [
    "Category",
    "Doing",
    "ExitCode",
    "LoginfixError",
    "Machine",
    "Problem",
    "Selection",
    "__version__",
    "backup",
    "backups",
    "check_backups",
    "clear",
    "delete_backup",
    "diagnose",
    "find",
    "find_selected",
    "installed_browsers",
    "known_sites",
    "new_key",
    "prune_backups",
    "recover",
    "restore",
    "trace",
]

__version__ = "0.1.0"

_HOMES = {
    name: module
    for module, names in {
        "api.backups": (
            "backup",
            "backups",
            "check_backups",
            "delete_backup",
            "new_key",
            "prune_backups",
        ),
        "api.clear": ("clear", "find", "find_selected"),
        "api.diagnose": ("diagnose",),
        "api.installed": ("installed_browsers", "known_sites"),
        "api.machine": ("Machine",),
        "api.restore": ("recover", "restore"),
        "api.trace": ("trace",),
        "clearing.selection": ("Selection",),
        "errors": ("ExitCode", "LoginfixError", "Problem"),
        "progress": ("Doing",),
        "stores.model": ("Category",),
    }.items()
    for name in names
}


if not TYPE_CHECKING:  # to a type checker, what is not above is not there

    def __getattr__(name: str) -> object:
        """Import what is asked for (PEP 562)."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415  nor is this needed before

        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
