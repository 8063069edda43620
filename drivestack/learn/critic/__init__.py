"""The safety critic: collected from forked roll-outs, trained, calibrated, judged."""
