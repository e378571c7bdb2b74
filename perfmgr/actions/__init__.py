"""What may change: one function is one verb of the user and one transaction."""
