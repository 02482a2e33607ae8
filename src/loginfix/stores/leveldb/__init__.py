"""LevelDB databases in which some records are a site's.

``records`` reads their declarations and what a record says, ``selection`` tells which are a site's,
``merge`` puts saved ones back, ``belongings`` knows what lies beside the database and is theirs,
``files`` reads a database and stages a fresh one, ``store`` brings these together.
"""
