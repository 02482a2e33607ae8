"""Codecs: they know bytes and nothing of browsers, sites or profiles.

Imports nothing of ours.
"""
