"""Crash reports and the archive for support."""
