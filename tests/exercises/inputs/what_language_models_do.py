"""Arguments for the exercises of the lesson `what_language_models_do`."""

from tests.exercises.inputs.collected import inputs

LABELS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


@inputs("what_language_models_do.majority_accuracy")
def training_and_test_labels(random):
    """Of few labels, so that many are equally frequent."""
    while True:
        names = random.choice(["ab", "abc", "dcba"])
        train, test = (random.choices(names, k=random.randint(1, 7)) for _set in "ab")
        yield train, test


def labels_of_a_sentence(random):
    return random.choices(
        LABELS, random.choice([(3, 2, 3, 1, 2), (1, 1, 4, 0, 3), (5, 2, 1, 2, 1)]), k=random.randint(1, 7)
    )


@inputs("what_language_models_do.named_spans")
def sentences_of_labels(random):
    while True:
        yield (labels_of_a_sentence(random) if random.random() < 0.95 else [],)


@inputs("what_language_models_do.span_f1")
def true_and_predicted_labels(random):
    while True:
        kept = random.choice([0.5, 0.8, 0.9, 1.0])
        true = [labels_of_a_sentence(random) for _sentence in range(random.randint(1, 4))]
        if random.random() < 0.1:
            true = [["O"] * len(each) for each in true]
        yield true, [[one if random.random() < kept else random.choice(LABELS) for one in each] for each in true]


@inputs("what_language_models_do.character_f")
def texts_of_few_characters(random):
    while True:
        letters = random.choice(["ab ", "abc \t\n", "aB 한국", "ab,  "])
        one, other = ("".join(random.choices(letters, k=random.randint(0, 10))) for _text in "ab")
        yield one, other if random.random() < 0.9 else one, random.choice([1, 1, 2, 2, 3, 4])


def text_of(random, words, longest=6):
    return random.choice([" ", " ", "  "]).join(random.choices(words, k=random.randint(0, longest)))


@inputs("what_language_models_do.unigram_overlap")
def summaries_of_few_words(random):
    while True:
        words = random.choice([["a", "b", "A", "a-b", "c."], ["The", "the", "cat", "cats", "é1", "b_2", "..."]])
        yield text_of(random, words), text_of(random, words)


@inputs("what_language_models_do.normalized")
def answers_with_signs(random):
    """All signs are of ASCII: at others, to look for whole words is not the same as to split at white space."""
    while True:
        words = [
            "The",
            "a",
            "AN",
            "Anna",
            "the,",
            "A-b",
            "x_y",
            "$5",
            "é",
            "b/c",
            "'s",
            "...",
            "cat",
            "Cat",
            "\t",
            "\n",
        ]
        yield (text_of(random, words),)


@inputs("what_language_models_do.answer_f1")
def predictions_and_right_answers(random):
    while True:
        words = ["the", "A", "cat", "Cat", "cat.", "dog", "b-c", "bc", "an", "!"]
        yield text_of(random, words, 5), [text_of(random, words, 5) for _answer in range(random.randint(1, 3))]
