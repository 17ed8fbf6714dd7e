"""Papers of deployment and what a platform makes of them."""
