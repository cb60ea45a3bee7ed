"""One VPS each: provisioning, power, destruction, and what pages read of them."""
