"""Small servers on loopback that speak like the systems outside."""
