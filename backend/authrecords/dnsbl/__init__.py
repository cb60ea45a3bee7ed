"""DNS blocklists: what they say of an address or a domain, and those that Mailyard knows."""
