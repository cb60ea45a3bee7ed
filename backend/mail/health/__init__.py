"""How well a mail server is: looked at from inside, asked from outside, said as checks of its server."""
