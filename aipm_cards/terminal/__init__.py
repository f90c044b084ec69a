"""A note in the terminal: its faces, drawn or spoken, and a review session over them."""
