"""JSON documents in which some members are a site's.

``spec`` reads their declarations, ``selection`` finds the site's members, ``edit`` cuts them out of
the text and proves it, ``merge`` puts them back, ``store`` is what a run sees.
"""
