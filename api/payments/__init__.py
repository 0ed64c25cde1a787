"""Selling: the link in the chat, the page behind it, and Stripe's webhook."""
