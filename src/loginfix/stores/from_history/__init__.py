"""What Firefox keeps about pages under hashes of their URLs only.

``urls`` reads the site's pages from Places, which must not have been edited yet; ``pictures`` are
files named by a hash, ``semantic`` is the database of what pages are about.
"""
