"""DigitalOcean as a DNS host: the forms of its records, the driver."""
