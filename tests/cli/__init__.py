"""Tests of aipm_cards.cli."""
