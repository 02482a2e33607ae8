"""Whole directories whose names say whose they are: found, taken out, put back.

Nothing in them is ever edited.
"""
