"""What belongs to the person at this window: settings, passphrase, last visit, the services pages are handed."""
