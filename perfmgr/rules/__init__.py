"""What must be true: plain Python without Flask, SQLAlchemy, clock or files."""
