"""The fault sweep: every verb that writes, stopped or failing at each of its writes.

``python -m faults`` runs it; see ``CONTRIBUTING.md``. What a fault may leave is in ``judging``.
"""
