"""Tests of aipm_cards.anki."""
