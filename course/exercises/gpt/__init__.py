"""The exercises of the lesson `gpt`, in the order of the lesson."""

from course.exercises.gpt.band import BAND_MASK
from course.exercises.gpt.bits import BITS_PER_BYTE
from course.exercises.gpt.gated import SWIGLU
from course.exercises.gpt.nucleus import TOP_P
from course.exercises.gpt.repetition import REPEATED_SHARE
from course.exercises.gpt.rms import RMS_NORM
from course.exercises.gpt.shared_keys import SHARE_HEADS

EXERCISES = (RMS_NORM, SHARE_HEADS, SWIGLU, BITS_PER_BYTE, TOP_P, REPEATED_SHARE, BAND_MASK)
