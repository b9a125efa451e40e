"""How much one caller may have: `payers.py` says who it is, `counts.py` counts, `allowances.py`
says no, and `requests.py` asks for every request. `refusals.py` is for those who have no key, and
`connections.py` for lines on which nothing was said yet."""
