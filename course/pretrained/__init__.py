"""Pretrained models and tokenizers of others, in the course's own classes."""

from course.pretrained.gpt2_files import load_gpt2
from course.pretrained.loading import chat_ids, chat_prompt, convert_all, load, load_tokenizer

__all__ = ["chat_ids", "chat_prompt", "convert_all", "load", "load_gpt2", "load_tokenizer"]
