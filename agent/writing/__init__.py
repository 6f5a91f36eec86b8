"""Writing: a verdict becomes prose that people read."""
