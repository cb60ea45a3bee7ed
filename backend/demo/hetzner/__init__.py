"""An emulated Hetzner: zones, their record sets and actions, as its Cloud API shows and refuses them."""
