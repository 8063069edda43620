"""OpenSCENARIO 1.x documents: parameters, expressions, catalogs, variations, the storyboard."""
