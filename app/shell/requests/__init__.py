"""Requests of pages to the engine, and what became of them."""
