"""One file to its tree and to facts with exact places."""
