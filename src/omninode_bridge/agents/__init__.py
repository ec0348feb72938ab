"""Agents and the workflows they run."""
