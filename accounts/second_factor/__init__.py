"""What stands behind a second factor: sealing, codes, passkeys. No rows here: accounts.actions writes them."""
