"""The commands of `python -m course`. Empty on purpose: standard library only until the environment is ready."""
