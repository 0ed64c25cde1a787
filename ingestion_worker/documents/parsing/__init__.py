"""What runs inside the parser process: foreign files meet only this, under limits and without secrets."""
