"""Planning for a date: a learner's days lived through many times over, with the session's rules."""
