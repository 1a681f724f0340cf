"""Runs other people's clients and test suites against a real server; see docs/conformance.md."""
