"""Documents and questions with known answers, and the writers that make them."""
