"""The job that brings a mail server to another patch release, or back as it was."""
