"""Where trained models and the records of their runs are kept."""

from pathlib import Path

FOLDER = Path(__file__).parent
