"""What the owner's documents say to a question: for replies, and for owners who try one."""
