"""Language models behind one interface: text as a stream, and structured answers."""
