"""Readers: how the bytes of one kind of file are searched, and whose each of them are.

A reader yields pieces that together cover the whole file: what it can take apart, and all the
rest as raw bytes. ``choose`` goes by content, not by name. A reader that does not understand
something gives the raw bytes, never nothing.
"""
