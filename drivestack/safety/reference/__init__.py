"""Drivers to compare a stack with: UN R157's and RSS, over arrays and sample by sample."""
