"""Tests of what several vantage points come to together."""
