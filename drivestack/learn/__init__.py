"""Learning closes the loop through files: episodes in, checkpoints out."""
