"""The job that sets Mailu up on a ready server."""
