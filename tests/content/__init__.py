"""Tests of aipm_cards.content."""
