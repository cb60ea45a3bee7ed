"""DMARC by both of its texts: RFC 7489, and RFC 9989 to 9991 that follow it."""
