"""Tracing: a raw search of a profile for a site, independent of everything that clears.

``needles`` knows the encodings, ``layout`` which file is which store, ``readers`` take containers
apart, ``judging`` says whose a hit is, ``search`` walks the profile. May import ``files``,
``sites`` and ``browsers.model``, and neither ``formats`` nor ``stores``: what proves a clear must
not share its mistakes.
"""
