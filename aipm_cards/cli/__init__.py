"""The commands: arguments, one call, printing, exit code. The only part with a clock."""
