"""Which code is coloured, on Anki cards and in the terminal alike."""

MAX_COLOURED = 4000  # characters of code

# Not all that Pygments knows: some of its lexers never end on the wrong text, and the text is
# untrusted.
LANGUAGES = frozenset(
    {"bash", "c", "cpp", "css", "diff", "go", "html", "ini", "java", "javascript", "js", "json"}
    | {"py", "python", "r", "rust", "sh", "sql", "toml", "ts", "typescript", "xml", "yaml"}
)
