"""What runs in the containers that stand in for Mailu's: Debian's servers, set up as Mailu 2024.06 sets up its own.

These modules run inside the images, with nothing but Debian's Python and what :mod:`tests.lab.mail.images` installs.
"""
