"""The command line: serve, ask, weights."""
