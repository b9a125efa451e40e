"""Brokers: what stands between a private model server and everybody else.

Each forwards to the server behind it, or serves an engine of its own on this machine, with the same
interface either way. `docs/brokers.md` describes it.
"""
