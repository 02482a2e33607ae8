"""HTTP caches in which every entry is a file of its own.

``files`` is what such caches have in common: whole files go and come back, and an index beside
them is dropped when it no longer fits. ``simple`` is Chromium's, ``cache2`` Firefox's.
"""
