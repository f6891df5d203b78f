"""`make sam-local`: SAM's own container path, without an image registry and without a network."""
