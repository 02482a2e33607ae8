"""Every parser that reads a profile or a backup, given what no browser would write.

The promise: a clear expected error or a correct result; no crash, no hang, no memory explosion.
``python -m fuzzing`` runs all targets, or some, for as long as one likes; led by the code that an
input reaches where ``atheris`` is installed.
"""
