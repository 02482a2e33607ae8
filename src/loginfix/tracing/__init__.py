"""Tracing: a raw search of a profile for a site, independent of everything that clears.

``needles`` knows the encodings, ``layout`` which file is which store, ``readers`` take containers
apart, ``folders`` and ``judging`` say whose a hit is, ``entries`` searches a file, ``search`` walks
the profile, ``hashed`` ends it. May import ``files``, ``sites`` and ``browsers.model``, and neither
``formats`` nor ``stores``: what proves a clear must not share its mistakes.
"""
