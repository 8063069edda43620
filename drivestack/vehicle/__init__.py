"""Vehicle models and driver models as compiled functions that everything above shares."""
