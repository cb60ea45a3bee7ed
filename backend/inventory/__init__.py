"""What really stands at the providers, kept in closed intervals."""
