"""What a server must have and be before a mail server runs on it, and how Docker is worked with there."""
