"""What a store holds of a site, what it looks like without it, and how it is put back.

One module a kind of store; which stores exist is data, in ``profiles/stores/``.
Never imports ``cli``, ``clearing`` or ``vault``: it sees them only through ``model``.
"""
