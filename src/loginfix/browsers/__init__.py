"""Brands and installed profiles: where they are, whether they run, and holding their lock.

Imports nothing of ours but ``errors`` and ``data``.
"""
