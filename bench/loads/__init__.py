"""What the load process does: one file for each kind of load."""
