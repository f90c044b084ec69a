"""Tests of aipm_cards.text."""
