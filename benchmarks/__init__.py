"""Benchmarks: speed as ratios measured in one run, never as timed unit tests."""
