"""What Rung knows: digests of its sources, the index over them, and the search."""
