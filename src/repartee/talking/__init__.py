"""A client for the terminal: it talks with a server through `/ws`, and knows nothing else of it.

What is decided here is decided without a terminal, a microphone or a socket: `dialogue` knows who
says what, `playout` what is heard, `screen` and `keyboard` what is shown and pressed, `tape` how a
recording takes the place of a microphone. `line`, `devices` and `terminal` are the doors.
"""
