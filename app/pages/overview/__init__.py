"""The Overview page: what needs attention, how the fleet stands, and the first minute."""
