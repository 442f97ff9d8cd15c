"""Shared types, errors and services. Imports nothing of the project."""
