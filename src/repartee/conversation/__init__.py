"""The heart: what a conversation decides, with no I/O, no clock and nothing to wait for.

Facts go in (`events`), wishes come out (`commands`), and time is an argument. Nothing here
imports anything of the project outside this folder.
"""

from repartee.conversation.conversation import Conversation
from repartee.conversation.rules import Rules

__all__ = ["Conversation", "Rules"]
