"""Amazon Route 53 as a DNS host: its wire, the forms of its records, the driver."""
