"""The command line: one module a verb; arguments in, a result object out.

A verb never prints: ``program`` hands what it returns to ``reports``, the only printer.
"""

from loginfix.cli.program import main

__all__ = ["main"]
