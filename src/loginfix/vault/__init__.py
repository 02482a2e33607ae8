"""Backups: one SQLite file a run; writing, verifying, reading, retention.

The format is documented in ``docs/reference/backup-format.md`` and readable with ``sqlite3``.
Imports ``errors`` and the value types of ``stores.model``; merging back is the stores' business.
"""
