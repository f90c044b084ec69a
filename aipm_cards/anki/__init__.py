"""Notes to an Anki package. The only part that imports genanki."""
