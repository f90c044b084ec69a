"""YAML text to checked notes. The only part that imports yaml."""
