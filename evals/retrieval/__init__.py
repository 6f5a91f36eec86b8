"""Search, measured: queries with the passages that answer them, and the score."""
