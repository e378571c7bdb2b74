"""Forms: the shape of what is typed, one module per noun."""
