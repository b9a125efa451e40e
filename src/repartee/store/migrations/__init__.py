"""How the tables came to be: one file per revision, run by `schema.py` at the start."""
