"""How people reach it: doors, views, forms, and how things are printed on pages."""
