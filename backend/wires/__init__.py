"""One company's API over HTTP: token, limits, errors; clouds and DNS hosts of the company speak through it."""
