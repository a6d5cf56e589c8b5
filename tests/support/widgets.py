"""Every widget of the lessons with a small untrained model: what all widgets must do is tried on these."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from course.bert import Bert, BertConfig, MaskedLanguageModel
from course.data.api_calls import Answer, CallTask
from course.evaluation import rouge_l
from course.exercises.questions import Question
from course.fine_tuning import SentenceClassifier
from course.gpt import Decoder, LlamaConfig
from course.instruction import SMOLLM2, InstructionPool, Message
from course.peft import BitFit, HoulsbyAdapters, LoRA, PfeifferAdapters, PromptTuning, attach, freeze, fuse
from course.prompting import PromptTemplate, Shot
from course.rag import Chunk, Document, SentenceEncoder
from course.rlhf import RewardModel, ValueModel
from course.seq2seq import Seq2Seq, Seq2SeqConfig
from course.tasks import Task, Vocabulary
from course.tasks.language_tasks import Answer as TaskAnswer
from course.tasks.language_tasks import System, Text, words_of
from course.tasks.language_tasks.task import each
from course.tasks.leaderboard_entries import ACCURACY, Column, Entry, scores_of_two_classes
from course.tasks.task import Example
from course.tokenization import ByteLevelBPE, CharacterTokenizer, Unigram, WordPiece, WordTokenizer
from course.tools import Catalog, Function, Parameter
from course.tools.local import local_toolbox
from course.transformer import Transformer, TransformerConfig
from course.viz import (
    AlignmentExplorer,
    AnswerRewards,
    AttentionExplorer,
    AttentionSteps,
    CacheExplorer,
    CallTree,
    ClipExplorer,
    ContributionExplorer,
    ConversationView,
    DecoderStepper,
    FilterBench,
    FiveTasks,
    FusionExplorer,
    JudgeYourself,
    Leaderboard,
    LensExplorer,
    LessonWidget,
    LogRatioExplorer,
    MaskedWordExplorer,
    MaskExplorer,
    MergeStepper,
    MethodSwitch,
    ModelView,
    NextTokenTree,
    ObjectiveExplorer,
    PairRanking,
    PassageOrder,
    PassageSearch,
    PromptBuilder,
    PromptExplorer,
    QuantizationStairs,
    QuestionCard,
    RewardScatter,
    RotatingPair,
    ScalingFrontier,
    SideBySide,
    SimilarityExplorer,
    TeacherTargets,
    ThresholdBench,
    ThresholdExplorer,
    TokenExplorer,
    ToolBench,
    UpdateExplorer,
    VideoSearch,
    WaveExplorer,
    WiringExplorer,
    WordScores,
)
from course.viz.instruction.stepwise_answer import PlainText
from course.viz.rlhf.scatter_points import ScatterPoint, ScatterSample
from course.viz.what_language_models_do.task_bench import Reached
from tests.support.scaling_runs import scaling_runs

TEXT = "the people of the united states and the states of the union " * 20
VIDEOS = "Sourdough | flour, water and salt\nThe people | of the states\nKnots | rope and hitch"
CONTROL = ("<|im_start|>", "<|im_end|>", "<|endoftext|>")
EXAMPLES = [Example(tuple(word), (tuple(sounds),)) for word, sounds in (("cab", "KAB"), ("bad", "BAD"), ("dab", "DAB"))]
LETTERS = Task(
    "letters", Vocabulary("abcd-$_^"), Vocabulary("ABDK"), EXAMPLES[:1], EXAMPLES[1:2], {"test": EXAMPLES[2:]}, 9
)

QUESTION = Question(
    "attention.of_the_tests",
    "What does `softmax` make of the scores $0$, $0$ and −∞? <b>Look</b> at the row of the **hidden** key.",
    ("`[0.5, 0.5, 0]`", "`[1/3, 1/3, 1/3]` $x$", "가중치 " * 40, "NaN, " + "since 0 times ∞ is no number, " * 8),
    0,
    (
        "`exp(−∞)` is 0, so the hidden key gets nothing.",
        "That is $softmax$ of equal <i>scores</i>.",
        "틀립니다. " * 30,
        "No.",
    ),
)


def _loud(model: nn.Module) -> nn.Module:
    """Far from uniform, so that pictures show something; a decoder writes no mark but the end."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator))
        for name, bias in model.named_parameters():
            if name == "decoder.output.bias":
                bias[[Vocabulary.pad_id, Vocabulary.bos_id]] = -1000
    return model.eval()


def _seq2seq(attention: str | None = None) -> Seq2Seq:
    config = Seq2SeqConfig(len(LETTERS.source), len(LETTERS.target), 8, 16, attention=attention)
    return _loud(Seq2Seq(config))


def _bert() -> tuple[Bert, WordPiece]:
    word_pieces = WordPiece.train(TEXT, 60)
    config = BertConfig(word_pieces.vocab_size, 200, d_model=16, n_layers=2, n_heads=4, d_ff=32)
    return Bert(config, torch.Generator().manual_seed(0)).eval(), word_pieces


def _decoder() -> tuple[Decoder, ByteLevelBPE]:
    tokenizer = ByteLevelBPE.train(TEXT, n_merges=60, special_tokens=CONTROL)
    config = LlamaConfig(tokenizer.vocab_size, 300, d_model=16, n_layers=2, n_heads=2, n_kv_heads=1, d_ff=32)
    return Decoder(config, torch.Generator().manual_seed(3)).eval(), tokenizer


def _transformer() -> Transformer:
    sizes = {"d_model": 8, "n_heads": 2, "d_ff": 16, "n_layers": 1, "context_length": 64}
    config = TransformerConfig(len(LETTERS.source), len(LETTERS.target), **sizes)
    return Transformer(config, torch.Generator().manual_seed(0)).eval()


def token_explorer(**state: Any) -> LessonWidget:
    tokenizers = {
        "word": WordTokenizer.train(TEXT, 50),
        "character": CharacterTokenizer.train(TEXT, 50),
        "BPE": ByteLevelBPE.train(TEXT, n_merges=60),
        "WordPiece": WordPiece.train(TEXT, 60),
        "Unigram": Unigram.train(TEXT, 300),
    }
    return TokenExplorer(tokenizers, **({"text": "the people"} | state))


def merge_stepper(**state: Any) -> LessonWidget:
    return MergeStepper(**({"text": "the states of the states", "n_merges": 8, "step": 2} | state))


def prompt_explorer(**state: Any) -> LessonWidget:
    return PromptExplorer(*_decoder(), **({"prompt": "the people", "max_new_tokens": 5} | state))


def decoder_stepper(**state: Any) -> LessonWidget:
    return DecoderStepper(_seq2seq(), LETTERS, **({"text": "cab", "step": 1} | state))


def attention_steps(**state: Any) -> LessonWidget:
    return AttentionSteps(_seq2seq("dot"), LETTERS, **({"text": "cab"} | state))


def alignment_explorer(**state: Any) -> LessonWidget:
    models = {"dot": (_seq2seq("dot"), LETTERS), "additive": (_seq2seq("additive"), LETTERS)}
    return AlignmentExplorer(models, {"letters": state.get("text", "cab")})


def video_search(**state: Any) -> LessonWidget:
    return VideoSearch(*_bert(), **({"query": "the states", "videos": VIDEOS} | state))


def attention_explorer(**state: Any) -> LessonWidget:
    models = {"BERT": _bert(), "decoder": _decoder(), "Transformer": (_transformer(), LETTERS)}
    return AttentionExplorer(models, **({"text": "the states"} | state))


def lens_explorer(**state: Any) -> LessonWidget:
    models = {"decoder": _decoder(), "Transformer": (_transformer(), LETTERS)}
    return LensExplorer(models, **({"text": "the states", "removed": "one head"} | state))


def next_token_tree(**state: Any) -> LessonWidget:
    return NextTokenTree({"decoder": _decoder()}, **({"text": "the states", "top_k": 5} | state))


def cache_explorer(**state: Any) -> LessonWidget:
    return CacheExplorer({"decoder": _decoder()}, **({"text": "the states", "max_new_tokens": 4} | state))


def mask_explorer(**state: Any) -> LessonWidget:
    return MaskExplorer({"decoder": _decoder()[1]}, **({"text": "the states of the union"} | state))


def model_view(**state: Any) -> LessonWidget:
    return ModelView({"decoder": _decoder()}, **({"text": "the states", "part": "weights"} | state))


def masked_word_explorer(**state: Any) -> LessonWidget:
    body, word_pieces = _bert()
    models = {side: (MaskedLanguageModel(body).eval(), side) for side in ("left", "right", "both")}
    return MaskedWordExplorer(models, word_pieces, **({"text": "the people of the states", "masked": (1,)} | state))


def objective_explorer(**state: Any) -> LessonWidget:
    body, word_pieces = _bert()
    texts = {"unrelated": "union and people", "translation": "states of the"}
    model = MaskedLanguageModel(body).eval()
    return ObjectiveExplorer(model, word_pieces, **({"text": "The people. The states."} | texts | state))


def _classifier() -> SentenceClassifier:
    body, word_pieces = _bert()
    classes = ("dull", "$good$", "<b>other</b>")
    return SentenceClassifier(body, word_pieces, classes, generator=torch.Generator().manual_seed(0))


def contribution_explorer(**state: Any) -> LessonWidget:
    return ContributionExplorer(_classifier(), **({"text": "the people of the states"} | state))


def update_explorer(**state: Any) -> LessonWidget:
    model, generator = _classifier().eval(), torch.Generator().manual_seed(0)
    freeze(model)
    attached = attach(model, LoRA(4, alpha=8), generator)
    with torch.no_grad():
        for part in attached.parts.values():
            part.up.copy_(torch.randn(part.up.shape, generator=generator))
    return UpdateExplorer(attached, **({"text": "the people of the states", "rank": 2, "scale": 1.5} | state))


def fusion_explorer(**state: Any) -> LessonWidget:
    model, generator = _classifier().eval(), torch.Generator().manual_seed(0)
    freeze(model)
    adapters = []
    for _number in range(3):
        adapters.append(attach(model, PfeifferAdapters(4, std=0.5), generator))
        adapters[-1].off()
    fused = fuse(model, adapters, generator=generator)
    with torch.no_grad():
        for part in fused.parts.values():
            part.attention.query.weight.mul_(20)
    return FusionExplorer(fused, ("$x$", "<b>two</b>", "한국어"), **({"text": "the people of the states"} | state))


def threshold_explorer(**state: Any) -> LessonWidget:
    texts = ["the people", "$x$ <b>united</b>", "states " * 60, "union", "of the", "and"]
    is_positive = np.array([True, True, True, False, False, False])
    probabilities = np.array([0.95, 0.7, 0.4, 0.6, 0.3, 0.05])
    return ThresholdExplorer(texts, is_positive, probabilities, **({"threshold": 0.5, "compared_with": 0.35} | state))


def wiring_explorer(**state: Any) -> LessonWidget:
    body, word_pieces = _bert()
    classifier = SentenceClassifier(body, word_pieces, ("dull", "good"), generator=torch.Generator().manual_seed(0))
    methods = {"$LoRA$": LoRA(2), "<b>adapters</b>": HoulsbyAdapters(4), "BitFit": BitFit(), "prompt": PromptTuning(3)}
    models = {"<i>BERT</i> $x$": classifier, "decoder": _decoder()[0]}
    return WiringExplorer(models, methods, **state)


def method_switch(**state: Any) -> LessonWidget:
    body, word_pieces = _bert()
    freeze(body)
    classes, generator = ("dull", "$good$", "<b>other</b>"), torch.Generator().manual_seed(0)
    rows = {"the head alone": SentenceClassifier(body, word_pieces, classes, generator=generator)}
    for name, method in {"<b>LoRA</b> $r$": LoRA(2), "prompt": PromptTuning(3)}.items():
        attached = attach(SentenceClassifier(body, word_pieces, classes, generator=generator), method, generator)
        with torch.no_grad():
            for weight in (*attached.parameters().values(), *attached.model.head.parameters()):
                weight += torch.randn(weight.shape, generator=generator)
        attached.off()
        rows[name] = attached
    rows["full fine-tuning"] = SentenceClassifier(_bert()[0], word_pieces, classes, generator=generator)
    return MethodSwitch(rows, **({"text": "the people of the states"} | state))


def prompt_builder(**state: Any) -> LessonWidget:
    template = PromptTemplate("$Say$ <b>which</b>.", "The {input}\nis: {answer}")
    shots = [Shot("people", "united"), Shot("<i>union</i> $x$", "the states"), Shot("states", "united")]
    words = ("united", "the states")
    return PromptBuilder(*_decoder(), template, words, shots, **({"text": "the people of the union"} | state))


def filter_bench(**state: Any) -> LessonWidget:
    pool = InstructionPool(["Name the $people$ of the <b>states</b>.", "Count the words of 한국어."], rouge_l)
    pool.add("Draft a short letter to the people of the union.")
    return FilterBench(pool, **({"text": "Name the people of the united states."} | state))


def conversation_view(**state: Any) -> LessonWidget:
    (model, tokenizer), (other, _tokenizer) = _decoder(), _decoder()
    _loud(other)
    said = [
        Message("system", "<i>Say</i>"),
        Message("user", "the $people$"),
        Message("assistant", "of the <b>states</b>"),
    ]
    return ConversationView({"base": model, "<b>tuned</b> $x$": other}, tokenizer, SMOLLM2, said, **state)


def side_by_side(**state: Any) -> LessonWidget:
    (model, tokenizer), (other, _tokenizer) = _decoder(), _decoder()
    _loud(other)
    models = {
        "base": (model, tokenizer, PlainText("\nAnswer:", "<|endoftext|>")),
        "<b>tuned</b> $x$": (other, tokenizer, SMOLLM2),
    }
    return SideBySide(models, **({"instruction": "Say <i>which</i>.", "input": "the $people$", "limit": 5} | state))


def clip_explorer(**state: Any) -> LessonWidget:
    return ClipExplorer(**state)


def _policy() -> tuple[Decoder, ByteLevelBPE, dict[str, Any]]:
    """A policy with what its widgets have to know of prompts and ends."""
    model, tokenizer = _decoder()
    ids = tokenizer.special.ids
    return _loud(model), tokenizer, {"end_id": ids["<|im_end|>"], "pad_id": ids["<|endoftext|>"], "max_length": 6}


def answer_rewards(**state: Any) -> LessonWidget:
    policy, tokenizer, known = _policy()
    reference, _tokenizer = _decoder()
    generator = torch.Generator().manual_seed(0)
    reward_model = RewardModel(_decoder()[0], generator=generator).eval()
    value_model = ValueModel.from_reward_model(reward_model)
    models = (policy, reference, reward_model, value_model, tokenizer, lambda text: tokenizer.encode(f"{text}\n"))
    return AnswerRewards(*models, **({"text": "the $people$ <b>of</b>"} | known | state))


def reward_scatter(**state: Any) -> LessonWidget:
    samples = (
        ScatterSample("<b>the</b> $x$", "people & <i>states</i> $y$", 1.25, -0.5),
        ScatterSample("of 한국어", "", -0.75),
    )
    points = [
        ScatterPoint(0.0, -0.5, -0.4, "$beta$ <b>0</b>", 1, samples),
        ScatterPoint(3.5, 1.5, None, "$beta$ <b>0</b>", 2, samples),
        ScatterPoint(2.0, 0.5, 0.25, "beta 0.1", 1),
    ]
    return RewardScatter(points, **({"selected": 0} | state))


def log_ratio_explorer(**state: Any) -> LessonWidget:
    return LogRatioExplorer(**state)


def pair_ranking(**state: Any) -> LessonWidget:
    model, tokenizer, known = _policy()
    texts = state.pop("prompts", "the $people$\nof <b>states</b>")
    chosen = {"n_pairs": 3, "choices": ("A", "", "B")}
    prompt_of = lambda text: tokenizer.encode(f"{text}\n")  # noqa: E731
    return PairRanking(model, tokenizer, prompt_of, texts, **(chosen | known | state))


DOCUMENTS = (
    Document("people", "The $people$", "The people of the <b>united</b> states. They are in the union.", "a.ipynb"),
    Document("states", "<i>States</i> 한국어", "States of the union, and $$x$$ of the people & more " * 12),
    Document("knots", "Knots", "Rope and hitch."),
)


def passage_search(**state: Any) -> LessonWidget:
    def ask(question: str, passages: Sequence[Chunk]) -> str:
        return "united states [1] [9]" if passages else "unknown"

    encoder = SentenceEncoder(*_bert(), limit=40)
    return PassageSearch(DOCUMENTS, encoder, **({"question": "who is in the union", "ask": ask} | state))


def task_systems(task: str, by: str) -> System:
    """Systems that are sure, and say what they were given."""

    def answer(text: Text) -> TaskAnswer:
        if task == "names":
            words = words_of(text)
            return TaskAnswer(("B-PER", *["O"] * (len(words) - 1)), 0.5)
        said = {"classification": "positive", "questions": f"{by}: {text.question}"}.get(task, f"{by}: {text.text}")
        return TaskAnswer(said, 0.75)

    return each(answer)


def five_tasks(**state: Any) -> LessonWidget:
    def scores(task: str, by: str) -> Reached:
        return Reached("F1", 0.5 if by == "course" else 0.4, 0.25)

    return FiveTasks(**({"systems": task_systems, "scores": scores, "text": "the people of the states"} | state))


def word_scores(**state: Any) -> LessonWidget:
    titles, texts = zip(*((one.title, one.text) for one in DOCUMENTS), strict=True)
    return WordScores(texts, titles=titles, **({"question": "the people of the union"} | state))


def passage_order(**state: Any) -> LessonWidget:
    """It answers with the last words of the first passage."""

    def ask(question: str, passages: Sequence[Chunk]) -> str:
        return " ".join(passages[0].text.split()[-2:])

    passages = [Chunk(one, 0, min(len(one.text), 200)) for one in DOCUMENTS]
    question = state.pop("question", "who $is$ <b>in</b> the union")
    return PassageOrder(question, passages, ask, **({"right": "the union"} | state))


PLACE = Parameter(
    "place", "dict", "Where.", properties=(Parameter("x", "float"), Parameter("note", "string", required=False))
)
SCALE = Function(
    "price.scale",
    "A <b>price</b> and its $unit$.",
    (
        Parameter("amount", "string", "How much."),
        Parameter("sizes", "array", "How large.", required=False, items=Parameter("items", "integer")),
        PLACE,
    ),
)
CALL_TASKS = (
    CallTask(
        "scale",
        "Scale the $price$ <b>10.5</b> at x = 2\nwith sizes 1 and 2.",
        (SCALE, Function("price.drop", "Drops a price.")),
        (
            Answer(
                "price.scale", {"amount": ("10.5",), "sizes": ([1, 2], ""), "place": ({"x": [2.0], "note": ["", "a"]},)}
            ),
        ),
    ),
    CallTask("drop", "Drop it 한국어.", (Function("price.drop", "Drops a price."),), (Answer("price.drop", {}),)),
)


def call_tree(**state: Any) -> LessonWidget:
    """It writes a call that is right by Berkeley's rule for texts and by APIBench's, and not as values."""

    def write(request: str, catalog: Catalog) -> str:
        return "price.scale(amount='10,5', sizes=[1, 2], place={'x': 2})"

    return CallTree(CALL_TASKS, **({"write": write} | state))


def tool_bench(**state: Any) -> LessonWidget:
    def write(request: str, catalog: Catalog) -> str:
        return f"{catalog.names[0]}(day='2024-01-01')"

    return ToolBench(local_toolbox(), **({"write": write} | state))


def columns() -> dict[str, Column]:
    """Two tasks: one with classes, probabilities and texts, and one of which it is known what was right."""
    rng = np.random.default_rng(0)
    true, predicted = rng.integers(2, size=30), {}
    for name, wrong in {"<b>best</b> $x$": 4, "second 한국어": 9, "third": 10, "always 1": 0}.items():
        answers = true.copy()
        answers[rng.permutation(30)[:wrong]] ^= 1
        predicted[name] = answers if wrong else np.ones(30, dtype=int)
    entries = [
        Entry(name, "f", "gpt", one, np.round(0.2 + 0.6 * one + 0.2 * rng.random(30), 3), is_trivial=name == "always 1")
        for name, one in predicted.items()
    ]
    entries[2] = Entry("third", "f", "gpt", predicted["third"])
    texts = [f"The $people$ of <b>state</b> {number} 한국어" for number in range(30)]
    first = Column("letters $x$", "letters", true, tuple(entries), scores_of_two_classes(), 0.5, lambda: texts)
    right = [Entry(name, "f", "gpt", rng.integers(2, size=12)) for name in ("one", "two", "third")]
    second = Column("choices", "choices", np.ones(12, dtype=int), tuple(right), {"accuracy": ACCURACY})
    return {"letters $x$": first, "choices": second}


def leaderboard(**state: Any) -> LessonWidget:
    return Leaderboard(columns(), **state)


def judge_yourself(**state: Any) -> LessonWidget:
    return JudgeYourself(columns()["letters $x$"], **({"n_texts": 4, "labels": ("negative", "positive")} | state))


def threshold_bench(**state: Any) -> LessonWidget:
    return ThresholdBench(columns()["letters $x$"], **state)


def teacher_targets(**state: Any) -> LessonWidget:
    return TeacherTargets(_classifier(), **({"text": "the people of the states"} | state))


def quantization_stairs(**state: Any) -> LessonWidget:
    return QuantizationStairs(_classifier(), skip=["head"], **({"texts": "the people\nof the states"} | state))


def scaling_frontier(**state: Any) -> LessonWidget:
    return ScalingFrontier(scaling_runs(0.01), **state)


def wave_explorer(**state: Any) -> LessonWidget:
    return WaveExplorer(**({"text": "the people of the states"} | state))


def rotating_pair(**state: Any) -> LessonWidget:
    return RotatingPair(**state)


def similarity_explorer(**state: Any) -> LessonWidget:
    return SimilarityExplorer(torch.randn(128, 8, generator=torch.Generator().manual_seed(0)), **state)


def question_card(**state: Any) -> LessonWidget:
    return QuestionCard(QUESTION, **state)


# Each takes its initial state as keyword arguments, named as the widget's own.
WIDGETS: dict[str, Callable[..., LessonWidget]] = {
    make.__name__: make
    for make in (
        token_explorer,
        merge_stepper,
        prompt_explorer,
        decoder_stepper,
        attention_steps,
        alignment_explorer,
        video_search,
        attention_explorer,
        lens_explorer,
        next_token_tree,
        cache_explorer,
        mask_explorer,
        model_view,
        masked_word_explorer,
        objective_explorer,
        contribution_explorer,
        update_explorer,
        fusion_explorer,
        threshold_explorer,
        wiring_explorer,
        method_switch,
        prompt_builder,
        filter_bench,
        conversation_view,
        side_by_side,
        clip_explorer,
        answer_rewards,
        reward_scatter,
        log_ratio_explorer,
        pair_ranking,
        passage_search,
        word_scores,
        passage_order,
        call_tree,
        tool_bench,
        leaderboard,
        judge_yourself,
        threshold_bench,
        teacher_targets,
        quantization_stairs,
        scaling_frontier,
        five_tasks,
        wave_explorer,
        rotating_pair,
        similarity_explorer,
        question_card,
    )
}
