"""Certificates of an authority over ACME (RFC 8555), with renewal information (RFC 9773) and profiles."""
