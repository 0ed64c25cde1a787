"""Organizations, as a superadmin and their own admins see them."""
