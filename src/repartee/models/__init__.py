"""The models of local engines: which are known, where they lie, and how they get here.

Nothing is fetched unless somebody asks for it with `repartee models pull`.
"""
