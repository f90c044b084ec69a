"""The cache of the sources. `sources` is what others use; the rest is how it keeps its word."""
