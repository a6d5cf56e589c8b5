"""A classifier without a head: a language model is asked, and which of the classes' words it expects is the answer."""

from collections.abc import Mapping
from typing import Any

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course.fine_tuning.heads import DecoderClassifier
from course.fine_tuning.inputs import Inputs, Row
from course.layers.language_model import CausalLanguageModel
from course.messages import _
from course.tokenization import Tokenizer

PLACE = "{text}"


class WordClassifier(DecoderClassifier):
    """A label for a text: the class whose word a causal language model finds most probable after a prompt.

    `words` has a word for each class, with its space in front, " good" for example; the logits are those of the word's
    first token, and no two classes may share it. `prompt` is a text with `{text}` in it once. All weights are the
    body's: nothing has to be trained before the first answer. Raises `ValueError` for a prompt without a place for the
    text, and for words that the model cannot tell apart.

    Source: Brown et al. 2020, section 2.4; words for classes ("verbalizers"): Schick and Schütze 2021, section 3.1.
    """

    def __init__(
        self, body: CausalLanguageModel, tokenizer: Tokenizer, words: Mapping[str, str], *, prompt: str, **options: Any
    ) -> None:
        super().__init__(body, tokenizer, tuple(words), **options)
        if prompt.count(PLACE) != 1:
            raise ValueError(
                _("The prompt {prompt!r} must have {place} in it once: there the text goes.").format(
                    prompt=prompt, place=PLACE
                )
            )
        first = {name: tokenizer.encode(word)[:1] for name, word in words.items()}
        if not all(first.values()) or len({tuple(ids) for ids in first.values()}) < len(first):
            raise ValueError(
                _("The words {words} must each begin with a token of its own.").format(
                    words=", ".join(map(repr, words.values()))
                )
            )
        self.word_ids = [ids[0] for ids in first.values()]
        self.prompt = prompt
        self.head = nn.Identity()  # no weights beside the body's

    def row(self, text: str) -> Row:
        """The prompt with the text. Raises `ValueError` where that is longer than the model's limit."""
        ids = self.tokenizer.encode(self.prompt.replace(PLACE, text))
        if len(ids) > self.limit:
            raise ValueError(
                _("The prompt with this text has {n} tokens, and the limit is {limit}: shorten the text.").format(
                    n=len(ids), limit=self.limit
                )
            )
        return Row(ids, [0] * len(ids), [])

    def forward(self, inputs: Inputs) -> Float[Tensor, "batch class"]:
        """The logits of the classes' words after the prompt."""
        return F.linear(self.states(inputs), self.body.output.get_parameter("weight")[self.word_ids])
