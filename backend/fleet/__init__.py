"""What several features share about the fleet: doors to accounts and servers, and the rows of their history."""
