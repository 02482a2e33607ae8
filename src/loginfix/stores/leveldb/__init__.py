"""LevelDB databases in which some records are a site's.

``records`` reads their declarations and tells whose a record is; ``store`` finds them, writes the
database anew without them, and merges them back.
"""
