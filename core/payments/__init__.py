"""Payments as both floors need them: Stripe's signatures and events, checkouts, and the plans we sell."""
