"""The lab: hosts like VPSs, each with its own systemd, sshd and disk, in namespaces this machine makes itself."""
