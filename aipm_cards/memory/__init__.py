"""A learner's memory: settings, schedule, history and sessions. Knows cards by their keys only."""
