"""The Overview page: what needs a person, how the fleet stands, and the first minute."""
