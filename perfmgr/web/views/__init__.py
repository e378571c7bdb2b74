"""Views: one module per noun; a view is GET or POST, never both."""
