"""`limitless demo`: believable campaigns and conversations, to see the product with something in it."""
