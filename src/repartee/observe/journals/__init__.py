"""The journal of a call: what happened and what was decided, line by line, so that it can be
replayed. The same events give the same decisions; other rules show what they would have changed.
"""
