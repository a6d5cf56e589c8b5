"""The exercises of the lesson `seq2seq`, in the order of the lesson."""

from course.exercises.seq2seq.batches import PAD_BATCH, SHIFT_TARGET
from course.exercises.seq2seq.cell import LSTM_STEP, RNN_STEP
from course.exercises.seq2seq.errors import EDIT_DISTANCE
from course.exercises.seq2seq.search import BEAM_STEP, GREEDY

EXERCISES = (RNN_STEP, LSTM_STEP, PAD_BATCH, SHIFT_TARGET, GREEDY, BEAM_STEP, EDIT_DISTANCE)
