"""Records that cross stage boundaries, protocols of every plug point, arrays, frames, streams."""
