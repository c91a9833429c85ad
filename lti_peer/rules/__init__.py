"""Pure decisions: plain values in, plain values out; no clock, no dice without a seed."""
