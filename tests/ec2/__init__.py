"""Amazon EC2 for tests: moto's server, and before it a process that adds what moto lacks or does at once."""
