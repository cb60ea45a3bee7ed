"""The program as part of the desktop: one instance, tray, notifications, the demo's process."""
