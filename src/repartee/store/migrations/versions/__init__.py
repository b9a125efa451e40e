"""The revisions, oldest first. A published one is never changed: the next one mends it."""
