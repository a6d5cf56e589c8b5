"""The parts shared by all figures and widgets."""
