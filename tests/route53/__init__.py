"""Amazon Route 53 for tests: moto, and before it a front that refuses what the service refuses."""
