"""What the safety layer's interventions were worth, by paired counterfactuals."""
