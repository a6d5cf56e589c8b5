"""The terms of the course: each with its Korean term, one sentence, and the lesson where it is introduced."""

import html
from dataclasses import dataclass

from course.messages import _
from course.syllabus import lessons


@dataclass(frozen=True, repr=False)
class Term:
    """One term. `korean` is how Korean texts write it; `lesson` is the number of the lesson where it stands first."""

    term: str
    korean: str
    definition: str
    lesson: int

    @property
    def link(self) -> str:
        """The number of the lesson in HTML, as a link where the lesson is there."""
        there = lessons.lesson(self.lesson)
        label = f"{self.lesson:02d}"
        return f'<a href="{there.notebook.name}">{label}</a>' if there.available else label

    def __repr__(self) -> str:
        place = _("lesson {number:02d}").format(number=self.lesson)
        return f"{self.term} ({self.korean}): {self.definition} [{place}]"

    def _repr_html_(self) -> str:
        definition = html.escape(self.definition)
        return f"<strong>{html.escape(self.term)}</strong> ({self.korean}): {definition} {self.link}"


TERMS: tuple[Term, ...] = (
    Term(
        "ALiBi",
        "선형 편향 어텐션",
        _("Attention whose scores are lowered in proportion to the distance of query and key, a slope for each head."),
        5,
    ),
    Term(
        "alignment",
        "정렬",
        _("Which input symbols each output symbol belongs to; in attention, the weights, a row for each output."),
        4,
    ),
    Term(
        "attention",
        "어텐션",
        _("Looking at all of the input at each step, more at what matters for the step, by weights."),
        4,
    ),
    Term(
        "attention score", "어텐션 점수", _("The number that says how well a query matches a key, before softmax."), 4
    ),
    Term("attention value", "어텐션 값", _("What attention returns: the values added up, each times its weight."), 4),
    Term(
        "attention weight",
        "어텐션 가중치",
        _("The share of a query's attention that a key gets; those of one query sum to 1."),
        4,
    ),
    Term(
        "beam search",
        "빔 탐색",
        _("Writing with a few best unfinished outputs in hand: all are continued, and the best few of these are kept."),
        3,
    ),
    Term(
        "bits per character",
        "문자당 비트",
        _("A loss of log base 2: how many yes-or-no questions the next character costs on average."),
        5,
    ),
    Term(
        "bottleneck", "병목", _("The narrow place that everything must pass, such as one vector for a whole input."), 4
    ),
    Term(
        "byte fallback",
        "바이트 폴백",
        _("Writing a character that the vocabulary lacks as its UTF-8 bytes, so that no text is unknown."),
        2,
    ),
    Term(
        "byte-pair encoding",
        "바이트 쌍 인코딩",
        _("A tokenizer learned by joining, again and again, the two neighbouring symbols that occur most often."),
        2,
    ),
    Term(
        "causal mask",
        "인과 마스크",
        _("The rule that a query sees itself and the keys before it, never those after it."),
        5,
    ),
    Term(
        "cell state",
        "셀 상태",
        _("The second state of an LSTM, which is carried from step to step almost untouched."),
        3,
    ),
    Term(
        "chat template",
        "채팅 템플릿",
        _("The fixed form in which a conversation is written as one text, with marks for who speaks."),
        0,
    ),
    Term("context length", "컨텍스트 길이", _("The largest number of tokens that a model can look back on."), 0),
    Term(
        "context vector",
        "컨텍스트 벡터",
        _("The vector that an encoder makes of the whole input, and that a decoder starts from."),
        3,
    ),
    Term("coreference", "상호참조", _("What a pronoun has with the noun that it stands for."), 6),
    Term("corpus", "말뭉치", _("The text that something is learned from."), 2),
    Term(
        "cross-attention",
        "교차 어텐션",
        _("Attention whose queries come from one sequence and whose keys and values come from another."),
        6,
    ),
    Term(
        "decoder",
        "디코더",
        _("The half of a model that writes the output, symbol by symbol."),
        3,
    ),
    Term("dot product", "내적", _("Two vectors multiplied number by number, and the products added up."), 4),
    Term(
        "edit distance",
        "편집 거리",
        _("The fewest symbols to insert, leave out or replace that make one sequence the other."),
        3,
    ),
    Term(
        "embedding",
        "임베딩",
        _("The vector that stands for a symbol inside a model, chosen by training."),
        3,
    ),
    Term(
        "encoder",
        "인코더",
        _("The half of a model that reads the input and turns it into vectors."),
        3,
    ),
    Term(
        "entropy",
        "엔트로피",
        _("How evenly a probability distribution is spread: 0 when one outcome has all, log n for n alike."),
        6,
    ),
    Term(
        "expectation–maximization",
        "기댓값 최대화",
        _("Estimating what is not seen by computing, again and again, what the present estimate leads one to expect."),
        2,
    ),
    Term(
        "exposure bias",
        "노출 편향",
        _("The harm done when a model that was trained on right symbols has to go on from its own."),
        3,
    ),
    Term(
        "feed-forward network",
        "순방향 신경망",
        _("Two linear layers with an activation between them, applied at every position alike."),
        6,
    ),
    Term(
        "gate",
        "게이트",
        _("A vector of numbers from 0 to 1 that decides how much of another vector passes."),
        3,
    ),
    Term(
        "gated recurrent unit",
        "게이트 순환 유닛",
        _("A recurrent cell, GRU, with one state, which at each step is mixed with a new candidate."),
        3,
    ),
    Term(
        "gradient",
        "기울기",
        _("How much the loss changes with each number of the model, by which training moves them."),
        4,
    ),
    Term("greedy decoding", "탐욕적 디코딩", _("Writing a text by taking the most probable token at each step."), 0),
    Term(
        "greedy search",
        "탐욕적 탐색",
        _("Writing an output by taking the likeliest symbol at every step, without going back."),
        3,
    ),
    Term(
        "head",
        "어텐션 헤드",
        _("One of several attentions that a layer does at once, each over a part of every vector."),
        6,
    ),
    Term("head ablation", "헤드 제거", _("Taking a head out of a trained model to measure what it was needed for."), 6),
    Term(
        "hidden state",
        "은닉 상태",
        _("The vector of a recurrent network after a symbol, which sums up what has been read so far."),
        3,
    ),
    Term("id", "아이디", _("The number of a token in the vocabulary, which is what a model reads and writes."), 2),
    Term("key", "키", _("The vector of an input that a query is compared with."), 4),
    Term(
        "KV cache",
        "KV 캐시",
        _(
            "The keys and values of the tokens read so far, kept so that each new token costs one step and not all "
            "again."
        ),
        0,
    ),
    Term(
        "label smoothing",
        "레이블 스무딩",
        _("Training for a little less than probability 1 of the right token, the rest shared by all tokens."),
        6,
    ),
    Term(
        "language model",
        "언어 모델",
        _("A model that gives each token of its vocabulary a probability of coming next in a text."),
        0,
    ),
    Term(
        "layer normalization",
        "층 정규화",
        _("Bringing each vector to mean 0 and spread 1, then scaling and shifting it by learned numbers."),
        6,
    ),
    Term(
        "learned positions",
        "학습된 위치 임베딩",
        _("A vector for each position, trained with the rest and added to the embeddings."),
        5,
    ),
    Term(
        "length extrapolation",
        "길이 외삽",
        _("How well a model does on texts longer than any that it was trained on."),
        5,
    ),
    Term(
        "likelihood",
        "가능도",
        _("The probability that a model gives to a text, as a measure of how well the model fits."),
        2,
    ),
    Term(
        "linear probe",
        "선형 프로브",
        _("A linear reader fitted on a model's vectors, to find out what they hold."),
        3,
    ),
    Term(
        "log-probability",
        "로그 확률",
        _("The logarithm of a probability: at most 0, and added up where probabilities are multiplied."),
        2,
    ),
    Term("logit", "로짓", _("The number that a model computes for a token before softmax makes it a probability."), 0),
    Term("logit lens", "로짓 렌즈", _("Letting the output layer read the residual stream of an earlier layer."), 6),
    Term(
        "long short-term memory",
        "장단기 메모리",
        _("A recurrent cell, LSTM, whose gates decide what to keep, to add and to show of a cell state."),
        3,
    ),
    Term("mask", "마스크", _("A table that says which keys each query may look at."), 6),
    Term("merge", "병합", _("One learned step of byte-pair encoding: two symbols that become one."), 2),
    Term(
        "multi-head attention",
        "멀티 헤드 어텐션",
        _("Several attentions side by side, each over its own projections, whose results are joined."),
        6,
    ),
    Term(
        "packing",
        "패킹",
        _("Storing a batch of sequences without their padding, so that each ends at its own last symbol."),
        3,
    ),
    Term(
        "padding",
        "패딩",
        _("Symbols without meaning that fill up short rows of a batch to the length of the longest."),
        3,
    ),
    Term("parameter", "매개변수", _("One of the numbers in a model that training sets."), 0),
    Term(
        "permutation-equivariant",
        "순열 등변",
        _("Of a function: when its inputs are put into another order, its outputs move alike and do not change."),
        5,
    ),
    Term(
        "phoneme",
        "음소",
        _("The smallest unit of sound that tells two words of a language apart."),
        3,
    ),
    Term(
        "phoneme error rate",
        "음소 오류율",
        _("All edits that outputs need to become right, divided by the number of right phonemes."),
        3,
    ),
    Term(
        "positional encoding",
        "위치 인코딩",
        _("What tells a model where a token stands, since attention itself sees no order."),
        5,
    ),
    Term("post-norm", "사후 정규화", _("Layer normalization after the sum of a residual connection."), 6),
    Term(
        "pre-norm",
        "사전 정규화",
        _("Layer normalization of what a sublayer reads, so that nothing stands in the residual stream."),
        6,
    ),
    Term(
        "pre-token",
        "사전 토큰",
        _("A piece of the first cut of a text, usually a word with its space, across which no merge goes."),
        2,
    ),
    Term("pre-tokenization", "사전 토큰화", _("Cutting a text into the stretches that no token may cross."), 2),
    Term("prompt", "프롬프트", _("The text that a model is given and continues."), 0),
    Term("query", "쿼리", _("The vector that asks: it is compared with every key."), 4),
    Term(
        "relative position",
        "상대 위치",
        _("How far apart two tokens stand, whatever their places in the text."),
        5,
    ),
    Term("residual connection", "잔차 연결", _("Adding what a sublayer computes to what it was given."), 6),
    Term(
        "residual stream",
        "잔차 스트림",
        _("The vector of a position on its way through the layers, to which every sublayer adds."),
        6,
    ),
    Term(
        "rotary position embedding",
        "회전 위치 임베딩",
        _("Turning pairs of a query's and a key's numbers by their positions, so that scores know the distance."),
        5,
    ),
    Term(
        "round trip", "왕복 변환", _("Encoding a text and decoding the ids again, which should give the same text."), 2
    ),
    Term(
        "scheduled sampling",
        "스케줄드 샘플링",
        _("Training a decoder on right symbols with a certain chance, else on its own."),
        3,
    ),
    Term(
        "score function",
        "점수 함수",
        _("How attention computes the score of a query and a key: dot, scaled dot, general or additive."),
        4,
    ),
    Term(
        "self-attention",
        "셀프 어텐션",
        _("Attention whose queries, keys and values come from one and the same sequence."),
        6,
    ),
    Term(
        "sequence-to-sequence",
        "시퀀스 투 시퀀스",
        _("Of a model that reads one sequence and writes another, of other symbols and another length."),
        3,
    ),
    Term(
        "shared embeddings",
        "공유 임베딩",
        _("One matrix that serves as the embedding of both sides and as the output layer."),
        6,
    ),
    Term(
        "sinusoidal positions",
        "사인파 위치 인코딩",
        _("A pattern of sine and cosine waves, another at each position, added to the embeddings."),
        5,
    ),
    Term(
        "softmax",
        "소프트맥스",
        _("The function that turns logits into probabilities: exponentials divided by their sum."),
        0,
    ),
    Term(
        "special token",
        "특수 토큰",
        _(
            "A token that stands for no text, such as the end of a turn, and that typed text never becomes unless "
            "asked."
        ),
        2,
    ),
    Term("subword", "서브워드", _("A piece of a word, or a whole frequent word, as an entry of the vocabulary."), 2),
    Term(
        "subword regularization",
        "서브워드 정규화",
        _("Training a model on texts that are cut at random, now this way and now that."),
        2,
    ),
    Term("t-value", "t값", _("A mean in units of its standard error."), 6),
    Term(
        "teacher forcing",
        "교사 강요",
        _("Giving a decoder the right symbols to read in training, whatever it would have written."),
        3,
    ),
    Term(
        "temperature",
        "온도",
        _("The number that logits are divided by before softmax: above 1 the choice is more even, below 1 sharper."),
        0,
    ),
    Term("token", "토큰", _("A piece of text that a model treats as one unit."), 0),
    Term(
        "tokenizer",
        "토크나이저",
        _("The part that cuts a text into tokens and numbers them, and puts them together again."),
        2,
    ),
    Term(
        "Unigram",
        "유니그램",
        _("A tokenizer that gives each piece a probability and cuts a text in its most probable way."),
        2,
    ),
    Term("unknown token", "미등록 토큰", _("The token that stands for whatever the vocabulary lacks."), 2),
    Term("UTF-8", "UTF-8 인코딩", _("The usual way to write any Unicode character as one to four bytes."), 2),
    Term("value", "값", _("The vector of an input that goes into the answer, as much as its key's weight says."), 4),
    Term(
        "vanishing gradient",
        "기울기 소실",
        _("A gradient that becomes smaller with each step on its way back, until hardly any is left."),
        4,
    ),
    Term(
        "Viterbi algorithm",
        "비터비 알고리즘",
        _("A way to find the best of all segmentations by keeping, for each position, only the best way to reach it."),
        2,
    ),
    Term("vocabulary", "어휘", _("All the tokens that a model knows."), 0),
    Term(
        "warm-up", "워밍업", _("The first steps of training, in which the learning rate rises from almost nothing."), 6
    ),
    Term(
        "wavelength",
        "파장",
        _("After how many positions a wave begins again."),
        5,
    ),
    Term(
        "word accuracy",
        "단어 정확도",
        _("The share of words that are written without any error."),
        3,
    ),
    Term(
        "WordPiece",
        "워드피스",
        _("A tokenizer that cuts a word by the longest piece that fits, and marks pieces inside a word with `##`."),
        2,
    ),
)
