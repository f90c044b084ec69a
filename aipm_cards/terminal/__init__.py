"""The terminal: notes drawn or spoken, review sessions and interviews over them, plans and statistics."""
