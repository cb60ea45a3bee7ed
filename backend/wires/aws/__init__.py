"""Amazon by its own library: whose key it is, how requests leave, what its errors mean; for whatever service."""
