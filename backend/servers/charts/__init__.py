"""What a server's charts show: samples or means of them, what was not observed, and why."""
