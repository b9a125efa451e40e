"""What is left of calls is counted by the module."""

from tests.fuzz.leaks import earlier_calls as earlier_calls
