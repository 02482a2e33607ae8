"""Files: read below a directory without following links, make durable, open as SQLite.

Nothing here writes inside a profile: only ``clearing`` does.
"""
