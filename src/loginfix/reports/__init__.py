"""Rendering: a result object in, text or JSON out. The only package that prints.

Every sentence that a person reads stands whole in a ``text_*`` module, so that it can be
translated. Imports result objects; nothing but ``cli`` imports this.
"""
