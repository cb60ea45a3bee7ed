"""SSH to servers: keys made by us, host keys known before the first login, every wait bounded."""
