"""The exercises of the lesson `tokenization`, in the order of the lesson."""

from course.exercises.tokenization.apply_merge import APPLY_MERGE
from course.exercises.tokenization.byte_fallback import BYTE_FALLBACK
from course.exercises.tokenization.count_pairs import COUNT_PAIRS
from course.exercises.tokenization.encode_word import ENCODE_WORD
from course.exercises.tokenization.pair_score import PAIR_SCORE
from course.exercises.tokenization.split_words import SPLIT_WORDS
from course.exercises.tokenization.viterbi_step import VITERBI_STEP
from course.exercises.tokenization.wordpiece_greedy import WORDPIECE_GREEDY

EXERCISES = (
    SPLIT_WORDS,
    COUNT_PAIRS,
    APPLY_MERGE,
    ENCODE_WORD,
    BYTE_FALLBACK,
    PAIR_SCORE,
    WORDPIECE_GREEDY,
    VITERBI_STEP,
)
