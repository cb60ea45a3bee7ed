"""Several processes on one PostgreSQL database, each with a data folder of its own."""
