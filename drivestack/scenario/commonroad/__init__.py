"""CommonRoad XML: documents, lanelets, obstacles and planning problems as records and tables."""
