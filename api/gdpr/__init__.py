"""What people may ask of us about their own data."""
