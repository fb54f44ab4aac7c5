"""Other ways to serve the same posts from the same tables, to be measured against."""
