"""The learned planner: demonstrations, and policies trained on them."""
