"""What `STT=auto`, `LLM=auto` and `TTS=auto` choose: the best engine that works here.

`rungs.py` has the order, `choosing.py` the rules, `facts.py` looks around, and `trial.py` measures
an engine in a process of its own. `climbing.py` puts them together.
"""
