"""Time limits for tests: long enough for a busy machine, short enough not to be noticed."""

from repartee.engines.remote.patience import Patience

IMPATIENT = Patience(
    connect_s=1.0, first_byte_s=0.08, between_s=0.08, tries=3, pause_s=0.002, longest_pause_s=0.01
)
"""For servers that hang."""
CALM = Patience(tries=3, pause_s=0.002, longest_pause_s=0.01)
"""For servers that answer."""
WATCHFUL = Patience(
    tries=3, pause_s=0.002, longest_pause_s=0.01, look_every_s=0.01, look_again_s=0.01
)
"""For servers that come and go."""
