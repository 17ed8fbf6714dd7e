"""EQUIP: the interpreter and the distributions that the backend would run with.

The only leg of `audit` that runs a program: interpreters (a fixed probe, isolated) and uv. Nothing of
the backend is run: no file below the audited folder is executed, built or imported.
"""
