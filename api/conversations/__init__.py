"""What an owner sees of conversations, and a lead of the own one."""
