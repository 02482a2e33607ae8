"""Records browser profiles: real browsers are driven over a local fake web.

``python -m recorder`` writes ``tests/recordings``; the live tests use the same drivers to read a
profile back. Only tests and the demo import this; it imports nothing of loginfix.
"""
