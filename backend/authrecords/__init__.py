"""What a domain publishes about its mail: the records read and judged as receivers do. Below the features, no store."""
