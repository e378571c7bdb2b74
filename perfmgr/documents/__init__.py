"""What is printed and read in: record to bytes, bytes to record, one module per kind of document."""
