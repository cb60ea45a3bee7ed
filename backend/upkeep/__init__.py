"""The store kept in shape: a nightly job."""
