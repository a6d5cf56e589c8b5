"""The exercises of the lesson `positions`, in the order of the lesson."""

from course.exercises.positions.alibi_bias import ALIBI_BIAS
from course.exercises.positions.alibi_slopes import ALIBI_SLOPES
from course.exercises.positions.equivariance import IS_EQUIVARIANT
from course.exercises.positions.rotary import APPLY_ROTARY
from course.exercises.positions.sinusoidal import SINUSOIDAL_VECTOR

EXERCISES = (IS_EQUIVARIANT, SINUSOIDAL_VECTOR, APPLY_ROTARY, ALIBI_SLOPES, ALIBI_BIAS)
