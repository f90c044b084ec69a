"""A learner's memory: settings, schedule, history and sessions. Knows cards by their keys only.

- What is kept: `store` (the file), `log` (its events and what they come to), `rows` (checked),
  `history` (answer, undo, mark, move), `moves`, `backups`, `doctor`, `export`.
- When a card comes: `days`, `settings` and their text, `scheduler`; `queue` (what a day brings),
  `unseen`, `goal` (a plan in force) and its `last_looks`; `session`.
- What the past says: `reading`, for all of `statistics`, `fitting` (parameters of one's own),
  `planning` (for a date), `backlog` (too many reviews) and `interviews`.
"""
