"""`python -m aipm_cards` is the command `aipm-cards`."""

from aipm_cards.cli.main import main

if __name__ == "__main__":
    main()
