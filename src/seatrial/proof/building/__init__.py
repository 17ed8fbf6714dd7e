"""The clean room: a backend built and started from what it declares alone, as a platform would.

`cleanroom.py` tells the story; every stage is a function that answers with a `Step`.
"""
