"""The command line: one module a verb; arguments in, a result object out.

A verb never prints: ``program`` hands what it returns to ``reports``, the only printer.
"""

import sys

from loginfix import __version__

# Objects that are made before those are looked for that only hold each other: hardly any do here,
# and Python's own 700 cost a twentieth of a run.
_MADE = 100_000


def main() -> None:
    """Run the program and end the process."""
    if sys.argv[1:] == ["--version"]:
        # Scripts ask for it often; importing click alone takes four times as long as Python.
        sys.stdout.write(f"loginfix, version {__version__}\n")
        return
    import gc  # noqa: PLC0415  see above

    gc.set_threshold(_MADE)
    from loginfix.cli.program import main as program  # noqa: PLC0415  see above

    program()
