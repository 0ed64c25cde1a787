"""Campaigns: links that start conversations."""
