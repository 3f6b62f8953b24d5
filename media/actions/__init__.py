"""What can be done with files. Apps above import from its modules."""
