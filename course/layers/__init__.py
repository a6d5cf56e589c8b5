"""The layers that the course's models are put together from."""
