"""Every data set and model file of the course: where it comes from, its licence, its hash, one function to load it."""

from course.data.cache import cache_dir, status
from course.data.conversions import converted
from course.data.errors import AssetError
from course.data.fetch import fetch_all, path
from course.data.korean import KoreanSpeech, korean_font, korean_speeches
from course.data.pairs import Pair, english_korean_pairs
from course.data.pronunciations import Pronunciation, pronunciations
from course.data.speeches import Speech, presidential_messages, sotu_text
from course.data.vocabularies import gpt2_ranks

__all__ = [
    "AssetError",
    "KoreanSpeech",
    "Pair",
    "Pronunciation",
    "Speech",
    "cache_dir",
    "converted",
    "english_korean_pairs",
    "fetch_all",
    "gpt2_ranks",
    "korean_font",
    "korean_speeches",
    "path",
    "presidential_messages",
    "pronunciations",
    "sotu_text",
    "status",
]
