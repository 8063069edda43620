"""Lanes as tables, the lane graph, Frenet coordinates both ways, the exact lane grid."""
