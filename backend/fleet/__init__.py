"""What several features share about the fleet: access to accounts and servers, and the rows of their history."""
