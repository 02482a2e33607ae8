"""The whole job on a throw-away copy of recorded profiles, for a machine without any browser.

``recordings`` unpacks what real browsers wrote, ``run`` clears and restores it.
"""
