"""The exercises of the lesson `positions`, in the order of the lesson."""

from course.exercises.positions.distance import ALIBI_BIAS, ALIBI_SLOPES
from course.exercises.positions.order import IS_EQUIVARIANT
from course.exercises.positions.waves import APPLY_ROTARY, SINUSOIDAL_VECTOR

EXERCISES = (IS_EQUIVARIANT, SINUSOIDAL_VECTOR, APPLY_ROTARY, ALIBI_SLOPES, ALIBI_BIAS)
