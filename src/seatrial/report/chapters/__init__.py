"""The chapters of a report, one file each: `chapter(dossier)` returns it, or None where there is nothing to tell."""

# In the order in which a person reads them.
NAMES = ("issues", "proof", "live", "imports", "dependencies", "endpoints", "variables", "measures", "decisions")
