"""What adapters of JSON APIs over HTTP stand on, whatever they serve: clouds, DNS hosts, the mail server."""
