"""An emulated Cloudflare: zones and their records, as its API shows and refuses them."""
