"""The exercises of the lesson `tokenization`, in the order of the lesson."""

from course.exercises.tokenization.bpe import APPLY_MERGE, COUNT_PAIRS
from course.exercises.tokenization.text import BYTE_FALLBACK, SPLIT_WORDS
from course.exercises.tokenization.unigram import VITERBI_STEP
from course.exercises.tokenization.wordpiece import PAIR_SCORE, WORDPIECE_GREEDY

EXERCISES = (COUNT_PAIRS, APPLY_MERGE, SPLIT_WORDS, BYTE_FALLBACK, PAIR_SCORE, WORDPIECE_GREEDY, VITERBI_STEP)
