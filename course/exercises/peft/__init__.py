"""The exercises of the lesson `peft`, in the order of the lesson."""

from course.exercises.peft.adapter import ADAPTER
from course.exercises.peft.budget import BUDGET
from course.exercises.peft.counting import COUNT_TRAINED
from course.exercises.peft.fusion import FUSION
from course.exercises.peft.importance import IMPORTANCE
from course.exercises.peft.lora import LORA
from course.exercises.peft.merging import MERGE
from course.exercises.peft.prefix import PREFIX_MASK

EXERCISES = (LORA, COUNT_TRAINED, MERGE, IMPORTANCE, BUDGET, ADAPTER, PREFIX_MASK, FUSION)
