"""Who may come in: known hosts, keys and their tokens, origins of pages, and the headers that
seal what browsers are sent.

All of it is asked once, when a request or a connection comes, and nothing for each frame.
"""
