"""What follows from a payment: Stripe's events, sessions to open, mails to send."""
