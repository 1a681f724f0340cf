"""Benchmarks that anybody can run again: each draws what it needs, and compares contestants in one run."""
