"""Reading a profile without ever following a link out of it, and opening SQLite databases.

Nothing here writes inside a profile: only ``clearing`` does.
"""
