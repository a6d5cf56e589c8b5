"""Every data set and model file of the course: where it comes from, its licence, its hash, one function to load it."""

from course.data.api_calls import Answer, CallTask, api_call_tasks, split_by_function
from course.data.api_functions import Function
from course.data.api_parameters import Parameter
from course.data.cache import cache_dir, status
from course.data.choices import CHOICES, Choice, answer_choices, split_by_question
from course.data.conversions import converted
from course.data.encyclopedia import Article, encyclopedia, split_by_title
from course.data.entities import TaggedSentence, tagged_sentences
from course.data.errors import AssetError
from course.data.fetch import fetch_all, path
from course.data.glue import GlueSet, HiddenLabelsError, glue_set
from course.data.glue_tasks import GLUE_TASKS, GlueItem, GlueTask, glue_task, label_order
from course.data.korean import KoreanSpeech, korean_font, korean_speeches
from course.data.news import NewsArticle, news_articles, split_by_article
from course.data.pairs import Pair, english_korean_pairs
from course.data.pronunciations import Pronunciation, pronunciations
from course.data.questions import YesNoQuestion, split_by_passage, yes_no_questions
from course.data.reviews import Review, movie_reviews, split_by_movie
from course.data.speeches import Speech, presidential_messages, sotu_text, split_by_speech
from course.data.spoken_questions import SpokenQuestion, spoken_questions
from course.data.vocabularies import gpt2_ranks

__all__ = [
    "CHOICES",
    "GLUE_TASKS",
    "Answer",
    "Article",
    "AssetError",
    "CallTask",
    "Choice",
    "Function",
    "GlueItem",
    "GlueSet",
    "GlueTask",
    "HiddenLabelsError",
    "KoreanSpeech",
    "NewsArticle",
    "Pair",
    "Parameter",
    "Pronunciation",
    "Review",
    "Speech",
    "SpokenQuestion",
    "TaggedSentence",
    "YesNoQuestion",
    "answer_choices",
    "api_call_tasks",
    "cache_dir",
    "converted",
    "encyclopedia",
    "english_korean_pairs",
    "fetch_all",
    "glue_set",
    "glue_task",
    "gpt2_ranks",
    "korean_font",
    "korean_speeches",
    "label_order",
    "movie_reviews",
    "news_articles",
    "path",
    "presidential_messages",
    "pronunciations",
    "sotu_text",
    "split_by_article",
    "split_by_function",
    "split_by_movie",
    "split_by_passage",
    "split_by_question",
    "split_by_speech",
    "split_by_title",
    "spoken_questions",
    "status",
    "tagged_sentences",
    "yes_no_questions",
]
