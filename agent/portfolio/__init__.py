"""A whole portfolio of use cases in one run: rows in, a verdict for each, a table out."""
