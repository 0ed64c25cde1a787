"""`limitless report`: a campaign's figures in the terminal, or as one page to pass on."""
