"""OpenDRIVE: roads with exact geometry, their lane graph, and places on them."""
