"""Figures and widgets of the lessons. Nothing else in `course` imports this package."""

import importlib
from typing import Any

# Names of the widgets → the modules they live in. They are imported when first asked for: a lesson on tokens then does
# not wait for PyTorch.
_HOME = {
    "COLORS": "style",
    "use_course_style": "style",
    "LessonWidget": "widgets",
    "StripToken": "text",
    "TokenStrip": "token_strip",
    "TokenExplorer": "token_explorer",
    "MergeStepper": "merge_stepper",
    "PromptExplorer": "prompt_explorer",
    "DecoderStepper": "decoder_stepper",
    "WaveExplorer": "wave_explorer",
    "SimilarityExplorer": "similarity_explorer",
    "RotatingPair": "rotating_pair",
    "AttentionExplorer": "attention_explorer",
    "AlignmentExplorer": "alignment_explorer",
    "AttentionSteps": "attention_steps",
    "VideoSearch": "video_search",
    "DoctorTable": "doctor_table",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
