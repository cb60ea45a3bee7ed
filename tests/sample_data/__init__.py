"""A fleet written straight into a store: for pictures of pages, for tests of pages, and for measuring them."""
