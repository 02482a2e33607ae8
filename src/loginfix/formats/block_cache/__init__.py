"""Chromium's "block-file" cache: the web cache on Windows.

An ``index`` (a hash table), block files ``data_0`` and on, and large streams in ``f_*`` files.
Every entry is in the chain of its hash's bucket and, through a node in ``data_0``, in a list of
those that are used as often.
``addresses`` says where something is, ``index``, ``block_file`` and ``records`` are the parts;
``check`` sees that they fit together, with ``hashes``, and writes down in ``ownership`` and
``extents`` what it found; ``cache`` is the checked whole, ``edit`` takes entries out and puts them
in. Of the bytes, which ``ranges`` reads many at a time, ``compare`` proves that no others changed,
and ``unused`` finds those that belong to none.
Source: Chromium ``net/disk_cache/blockfile/``, checked on files that Chromium 156 wrote. All
numbers are little-endian.
"""
