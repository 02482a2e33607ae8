"""Hosts, origins, partition keys: the one place that answers "is this the site's?".

``hosts`` normalises, ``forms`` reads the ways in which stores write a site, ``site`` decides,
``mentions`` looks for a site in raw bytes; ``known_site`` reads a file of ``profiles/sites/``,
``typed`` a domain from the command line, and ``catalog`` finds the site for a name.
Imports nothing of ours but ``errors`` and ``data``.
"""
