"""Scripted bodies: conditions, cues, actions and motion, compiled like the traffic."""
