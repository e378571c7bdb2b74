"""What is read: records this person may see, and sums for the overview pages."""
