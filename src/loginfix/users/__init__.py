"""Other people's homes: who has one, working there as that person, and a log of it for auditors.

Root never reads or writes in somebody else's home; a child that has become that person does. May
import ``errors`` and ``files``.
"""
