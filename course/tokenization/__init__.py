"""Tokenizers: words, characters, byte-pair encoding, WordPiece and Unigram; and the typo experiment."""

from course.tokenization.bpe import ByteLevelBPE
from course.tokenization.tokenizer import Piece, Tokenizer
from course.tokenization.unigram import Unigram
from course.tokenization.wordpiece import WordPiece
from course.tokenization.words import CharacterTokenizer, WordTokenizer

__all__ = ["ByteLevelBPE", "CharacterTokenizer", "Piece", "Tokenizer", "Unigram", "WordPiece", "WordTokenizer"]
