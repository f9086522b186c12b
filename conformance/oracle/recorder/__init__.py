"""Runs requests on scripted input and writes down what it does; ../FORMAT.md says how."""
