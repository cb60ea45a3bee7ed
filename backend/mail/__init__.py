"""Mail on one server: Mailu installed or adopted, its domains and mailboxes."""
