"""One layout for the sources: `tree` reads a text with its comments, `order` puts the keys in
order, `write` lays them out, `prove` holds the result against the text, `files` does it for files.
"""
