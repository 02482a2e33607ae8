"""The command line: one module a verb; arguments in, a result object out.

A verb never prints: ``program`` hands what it returns to ``reports``, the only printer.
"""

import sys

from loginfix import __version__


def main() -> None:
    """Run the program and end the process."""
    if sys.argv[1:] == ["--version"]:
        # Scripts ask for it often; importing click alone takes four times as long as Python.
        sys.stdout.write(f"loginfix, version {__version__}\n")
        return
    from loginfix.cli.program import main as program  # noqa: PLC0415  see above

    program()
