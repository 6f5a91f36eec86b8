"""Measuring: labelled messages, scenarios, retrieval queries, benchmarks."""
