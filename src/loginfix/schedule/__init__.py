"""The scheduled cleanup: what is to run when, the system's own schedulers, and what a run does.

A description (``model``) is neutral; each scheduler is a module with the same small interface
(``scheduler``). Nothing here prints, asks, or knows the command line; ``cli`` imports this.
"""
