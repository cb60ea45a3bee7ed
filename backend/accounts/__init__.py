"""Credentials at providers: adding, verifying, removing."""
