"""Open and recently closed tabs, in the session files of both engines.

``chromium`` and ``firefox`` are the stores. Of Chromium's, ``files`` reads and writes a file,
encrypted (``keys*``) or not; ``open_tabs`` (by ``replay``) and ``closed_tabs`` work out the two
kinds of logs without a site, as an ``edits.Edit``; ``navigation`` is one page in them. Of
Firefox's, ``json_edit`` works out the JSON, ``json_page`` one page. ``chromium_restore`` and
``firefox_restore`` put back. ``pages`` says whose page an address shows.
"""
