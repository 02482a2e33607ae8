"""SQLite stores: declared in ``profiles/stores/``, executed by one engine.

``spec`` is the declaration, ``schema`` what a database really has, ``binding`` the two brought
together; ``files`` opens and copies the unit ``{db, -wal, -shm, -journal}``; ``selection`` finds
the site's rows, ``edit`` takes them out, ``proof`` shows that nothing else changed, ``merge`` puts
them back; ``store`` is what the rest of the program sees.
"""
