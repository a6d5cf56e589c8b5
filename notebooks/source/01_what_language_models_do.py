# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 01 · What language models do
#
# Five tasks, each done by a real model on this machine, each beside a rule that anybody could write, and each judged by its own measure, which you build.
# Some of the models are far better than the rules, and some are not.
# After this lesson you can
#
# - name five main tasks of language models, and what goes in and comes out of each;
# - judge an answer by the measure of its task, and say what that measure does not see;
# - tell a good score from one that a trivial rule has, too;
# - say what one model, asked by a prompt, does on all five;
# - tell BERT, GPT and the Transformer apart by what each of their positions can see.
#
# **Time**: 60 minutes; the cells run in less than a minute on two quiet processor cores.
# **Before this**: lesson 00.
#
# New words are in *italics* where they are explained, and in the [glossary](../docs/glossary.md) with their Korean terms.
# How the models below are made is what the rest of the course is about; here you look at what they do.

# %%
from course.claims import Finding, claim
from course.data.splits import draw
from course.exercises import ask, check, progress, yours
from course.pretrained import load
from course.tasks.language_tasks import (
    LEVELS,
    TASKS,
    Text,
    marks,
    prompted,
    results,
    words_of,
)
from course.tasks.language_tasks.prompts import asking
from course.viz import FiveTasks, use_course_style
from course.viz.show import say, table
from course.viz.what_language_models_do.families_figure import families_figure
from course.viz.what_language_models_do.sizes_figure import sizes_figure

use_course_style()

# %% [markdown]
# ## 1 · Texts in, answers out
#
# *Natural language processing* (NLP) is the work of making computers read, analyze and write human language.
# The notes name five tasks as its main ones:
#
# - *text classification*: a label for a text, such as spam or not, or whether a review is positive;
# - *named-entity recognition*: which words name a person, a place, an organization;
# - *machine translation*: the same in another language;
# - *summarization*: the same in fewer words;
# - *question answering*: the answer to a question.
#
# A *large language model* (LLM) is a language model that has been trained on a great amount of text first, and can then be adapted to such tasks.
#
# Lesson 00 showed what a language model computes: which token is likely to come next.
# How can that carry out a task?
# Write the task as a text whose continuation is the answer, and let the model go on.
# Below, SmolLM2 continues four texts up to the end of the line, always with the most probable token.

# %%
go_on = asking("{text}:", longest=12)
for beginning in (
    "Mail: You have won a prize, click here now!\nSpam: yes\n\nMail: Lunch at noon?\nSpam",
    "Mail: Lunch at noon?\nSpam: no\n\nMail: You have won a prize, click here now!\nSpam",
    "Steve Jobs: person\nCalifornia: place\nApple",
    "English: cheese\nFrench: fromage\n\nEnglish: house\nFrench",
):
    said = go_on([Text(beginning)])[0]
    say(f"{beginning}: → {said.value}\n")

# %% [markdown]
# Nothing but continuing a text was asked of the model, and each continuation can be read as an answer.
# Whether it is right is another matter: read the second and the fourth again (“house” would be "maison").
# So answers have to be judged, many of them, and that is what this lesson is about.
#
# For what follows all five tasks have one form: a `Text` goes in, an `Answer` comes out.

# %%
fan = Text("A warm, funny film, and I did not want it to end.")
classification = TASKS["classification"]()
for level in ("trivial", "model"):
    say(level, "→", classification.system(level)([fan])[0])

# %% [markdown]
# The writer liked the film, and of these two the rule is right and the model is wrong: one text says little about a system.
#
# `trivial` is a *baseline*: a rule so simple that whatever is worth its effort has to beat it.
# This one gives every text the label that most training reviews have, and its confidence is the share that have it.
# `model` is the classifier that lesson 10 trains.
#
# Each task has test items: texts whose right answers are known, and which were kept out of whatever this course fitted or trained for the task.
# MiniLM and SmolLM2 were trained by others on texts of the web before; whether some of the test texts were among those is not known here.
# Three kinds of systems answer the items.

# %%
table(
    {
        "task": task.title,
        "test items": len(task.items),
        "measures": ", ".join(task.measures),
    }
    for task in (make() for make in TASKS.values())
)

# %% [markdown]
# ## 2 · Classification
#
# The notes' examples are spam filters and sentiment.
# Here a label, positive or negative, is given to snippets of movie reviews.
# The measure is accuracy: the share of labels that are right.
# Before any model, find out what a rule gets that reads nothing.


# %% tags=["exercise"]
def majority_accuracy(train_labels: list[str], test_labels: list[str]) -> float:
    """The accuracy on the test labels of always predicting the most frequent training label.

    Of several training labels that are equally frequent, the one whose first occurrence in
    train_labels comes first is predicted. The accuracy is the share of test_labels that are
    equal to it, from 0.0 to 1.0. Both lists have one label or more.

    >>> majority_accuracy(["bad", "good", "good"], ["good", "bad", "bad", "bad"])
    0.25
    >>> majority_accuracy(["bad", "good"], ["good", "bad", "bad", "bad"])
    0.75
    """
    ...


check("what_language_models_do.majority_accuracy", majority_accuracy)

# %%
accuracy_of = yours("what_language_models_do.majority_accuracy", majority_accuracy)
say(
    "9 of 10 mails are no spam:",
    accuracy_of(["no spam"] * 9 + ["spam"], ["no spam"] * 9 + ["spam"]),
)
say(
    "half of the reviews are good:",
    accuracy_of(["good", "bad"], ["good", "bad", "bad", "good"]),
)

# %% [markdown]
# An accuracy of 90 % can mean that a filter has found no spam at all.
# Now the reviews of the test, of which the training reviews say that "positive" is the label to give:

# %%
opinions = [item.right for item in classification.items]
say(
    f"always positive: {100 * accuracy_of(['positive'], opinions):.1f} % of {len(opinions)} right"
)

# %% [markdown]
# So each score below stands beside that of the trivial rule.


# %%
def scores_of(task, systems=LEVELS):
    """A row for each system: its score with its interval."""
    found = results.scores(task)
    return [{"system": name, "score": found[name]} for name in systems]


table(scores_of("classification"))

# %% [markdown]
# `simple` counts words and pairs of words and weighs them, without any language model (TF-IDF, lesson 10).
# In brackets is an interval: other reviews would have given other scores, and the interval says how far the score on all such reviews may be from the one measured (lesson 02 explains how such intervals are made).
# Where two intervals overlap, compare the two systems on the same items: the cards at the end do that.

# %%
ask("what_language_models_do.accuracy_alone")

# %% [markdown]
# ## 3 · Named entities
#
# The notes' example: in "Apple은 캘리포니아에 위치한 기업입니다" (Apple is a company in California), Apple is an organization.
# Each word gets a label.
# B-ORG begins the name of an organization, I-ORG continues it, O is outside of any name.

# %%
names = TASKS["names"]()
tagger = names.system("model")
for sentence in (
    "Apple is a company in California.",
    "Tim Cook has led Apple since Steve Jobs died.",
    "Apple은 캘리포니아에 위치한 기업입니다",
):
    text = Text(sentence)
    labels = tagger([text])[0].value
    say(
        "  ".join(f"{word}/{label}" for word, label in zip(words_of(text), labels, strict=True))
    )

# %% [markdown]
# The tagger has learned from 226 sentences of sports news in English, by fitting a simple layer on what MiniLM, an English model, computes for each word.
# It was fitted when the cell ran, in seconds.
# Compare the labels with what you would say: in sports news, a name is mostly a player, a country or a team.
#
# What does the model see of the Korean sentence?
# Its vocabulary has these pieces for it:

# %%
_model, pieces = load("minilm")
for sentence in ("Apple is a company", "Apple은 캘리포니아에 위치한 기업입니다"):
    say(sentence, "→", [pieces.tokens[number] for number in pieces.encode(sentence)])

# %% [markdown]
# The Korean words fall apart into single letters of Hangul; `##` says that a piece continues a word, and `[UNK]` stands for a word that the vocabulary cannot put together at all (lesson 02).
# The tagger's label for a word is computed from the state of its first piece: "apple", for the first word of either sentence.
# In both sentences it says that this is a place; the notes say an organization.
#
# The words are not those of English, either: in Korean the particle 은 is attached to the name, so a label for each word marks "Apple은" and not "Apple".
# A tagger for Korean would have to learn from Korean sentences, and to cut such words first.
# Dates, which the notes count among the names, have no label in these data.
#
# ### Counting names
#
# How many words have the right label says little, since most words are outside of any name: labels of O alone are right for most words and find nothing.
# So names are counted, not words.
# First, read the names off the labels.


# %% tags=["exercise"]
def named_spans(labels: list[str]) -> list[tuple[str, int, int]]:
    """The entities of a sentence, as (type, start, end), in the order of the sentence.

    labels: one for each word. "B-PER" begins an entity of the type PER, "I-PER" continues the
    entity of the word before, and "O" is outside any. An I- continues nothing where the word
    before is outside or of another type, and at the start of the sentence: it then begins an
    entity. start is the place of the first word, from 0, and end the place after the last one,
    as in a slice.

    >>> named_spans(["B-PER", "I-PER", "O", "B-LOC"])
    [('PER', 0, 2), ('LOC', 3, 4)]
    >>> named_spans(["I-PER", "B-PER", "I-ORG"])
    [('PER', 0, 1), ('PER', 1, 2), ('ORG', 2, 3)]
    """
    ...


check("what_language_models_do.named_spans", named_spans)

# %%
spans_of = yours("what_language_models_do.named_spans", named_spans)
say(spans_of(["B-PER", "I-PER", "O", "O", "B-ORG"]))

# %% [markdown]
# Then compare the names that are there with the names that were found.
# Precision asks how many of those found are right, recall how many of those there were found, and F1 is between the two, nearer to the smaller one.


# %% tags=["exercise"]
def span_f1(true: list[list[str]], predicted: list[list[str]]) -> float:
    """The F1 of the entities of all sentences together, from 0.0 to 1.0.

    true and predicted: for each sentence its labels, one a word. They are read as in
    named_spans: B- begins an entity, and so does an I- that continues nothing of its type. A
    predicted entity is right when the same sentence has one of the same type, start and end.
    Precision is the share of predicted entities that are right, recall the share of true ones
    that were found, and F1 is 2 · precision · recall / (precision + recall): with n right
    ones, 2 n / (predicted + true). It is 0.0 where n is 0, and where there are no entities.

    >>> span_f1([["B-PER", "I-PER", "O", "B-LOC"]], [["B-PER", "O", "O", "B-LOC"]])
    0.5
    >>> span_f1([["B-PER", "O"], ["O", "B-LOC"]], [["I-PER", "O"], ["O", "O"]])
    0.6666666666666666
    """
    ...


check("what_language_models_do.span_f1", span_f1)

# %%
f1_of = yours("what_language_models_do.span_f1", span_f1)
truth = [["B-PER", "I-PER", "O", "B-ORG"]]
for said in (
    ["O", "O", "O", "O"],
    ["B-PER", "O", "O", "B-ORG"],
    ["B-PER", "I-PER", "O", "B-LOC"],
    ["B-PER", "I-PER", "O", "B-ORG"],
):
    same = sum(a == b for a, b in zip(truth[0], said, strict=True))
    say(f"{' '.join(said)}: {same} of 4 labels right, F1 of names {f1_of(truth, [said]):.2f}")

# %%
ask("what_language_models_do.half_a_name")

# %%
table(scores_of("names"))

# %% [markdown]
# The trivial rule labels every word O.
# The simple one is a list of all names in the training sentences.
# The 15 reports were divided into five parts, and the names of each part were looked for by systems that had learned from the other four (lesson 10 calls this cross-validation).
#
# ## 4 · Translation
#
# From Korean into English, by the Transformer that lesson 06 trains on ten thousand short texts of a home-automation program.

# %%
translation = TASKS["translation"]()
translator = translation.system("model")
memory = translation.system("simple")
for item in draw(translation.items, 5, seed=1):
    said, remembered = translator([item.source])[0], memory([item.source])[0]
    say(
        f"{item.source.text} → {said.value} | memory: {remembered.value} | right: {item.right[0]}"
    )

# %% [markdown]
# `memory` translates nothing: it looks for the training text with the most pairs of characters in common, and gives its translation.
#
# A translation can be right in many ways, so no measure can ask for equality.
# chrF counts runs of characters that the translation and a human one have in common, from single characters to runs of six, and takes the mean.


# %% tags=["exercise"]
def character_f(prediction: str, reference: str, n: int) -> float:
    """The F-score of character n-grams, of which chrF is made, for one length n.

    White space is removed from both texts. A text of k characters then has k - n + 1 n-grams,
    runs of n characters. An n-gram that is repeated counts as often as both texts have it.
    With m common ones, precision is m / those of the prediction, recall is m / those of the
    reference, and F is 5 · precision · recall / (4 · precision + recall): recall counts twice
    as much. It is 0.0 where m is 0, as where one text or both have fewer than n characters.

    >>> character_f("abc", "a b d e", 1)
    0.5263157894736842
    >>> character_f("the cat", "the car", 2)
    0.8
    """
    ...


check("what_language_models_do.character_f", character_f)

# %%
character_f_of = yours("what_language_models_do.character_f", character_f)
for said in ("Turn on the light", "Turn the light on", "Switch on the lamp", "Close the door"):
    each_length = [character_f_of(said, "Turn on the light", n) for n in (1, 2, 3)]
    say(said, "→", ", ".join(f"{value:.2f}" for value in each_length))

# %% [markdown]
# The third line means the same as the first and scores far lower than the second, which has the same words.
# A high score means that the words are alike; a low one can mean that other words were chosen.
#
# The table shows BLEU, an older measure, which counts runs of one to four words instead, from 0 to 100 (lesson 06).

# %%
table(scores_of("translation"))

# %%
ask("what_language_models_do.memory")

# %% [markdown]
# The trivial rule copies the Korean text.
# It has some points because names, such as Azure, stay as they are.
#
# ## 5 · Summarization
#
# One sentence for a news article.
# The trivial rule takes the article's first sentence, the simple one the sentence whose words are the most frequent in the article, and the model is SmolLM2, asked by a prompt.
# ROUGE-1 counts the words that a summary and a human one have in common.


# %% tags=["exercise"]
def unigram_overlap(prediction: str, reference: str) -> tuple[float, float, float]:
    """ROUGE-1 as (precision, recall, F1), each from 0.0 to 1.0.

    Words are the longest runs of a-z and 0-9 in the text in small letters. A word that is
    repeated counts as often as both texts have it; the order does not count. With n common
    words, precision is n / the number of the prediction's words, recall is n / that of the
    reference's, and F1 is 2 n / (words of both, added up). All three are 0.0 where n is 0.

    >>> unigram_overlap("The cat, the cat!", "the cat sat")
    (0.5, 0.6666666666666666, 0.5714285714285714)
    """
    ...


check("what_language_models_do.unigram_overlap", unigram_overlap)

# %%
overlap_of = yours("what_language_models_do.unigram_overlap", unigram_overlap)
human = "A storm has cut the power of ten thousand homes in Busan"
for said in (
    "Ten thousand homes in Busan have no power after a storm",
    "A storm has spared the power of ten thousand homes in Busan",
    "Power",
):
    precision, recall, f1 = overlap_of(said, human)
    say(f"precision {precision:.2f}, recall {recall:.2f}, F1 {f1:.2f}: {said}")

# %% [markdown]
# The second line says the opposite and has the highest F1; the third has the best precision.
# None of these measures reads.

# %%
table(scores_of("summary"))

# %% [markdown]
# The articles are the BBC's and are not printed here; below is a text of our own.

# %%
summarizing = TASKS["summary"]()
story = Text(
    "The town library will close its old building in March. It was built in 1931 and has been too "
    "small for twenty years. A new library with a hall for concerts opens next to the station in "
    "May. Until then, books can be borrowed from a bus that stops at the town hall on weekdays."
)
for level in LEVELS:
    say(level, "→", summarizing.system(level)([story])[0].value)

# %% [markdown]
# ## 6 · Question answering
#
# A question, a passage that has the answer, and an answer in a few words.
# Answers are compared after they have been brought into one form: no capitals, no punctuation, no articles.


# %% tags=["exercise"]
def normalized(answer: str) -> str:
    """An answer as SQuAD compares it: without capitals, punctuation and articles.

    In this order: small letters; then every character of `string.punctuation` is deleted, and
    nothing takes its place; then the text is split at white space, and the words a, an and the
    are dropped. What is left is joined with one space each, and is "" where nothing is left.

    >>> normalized("The  Apple, an iPhone's   maker")
    'apple iphones maker'
    >>> normalized("A-ha!")
    'aha'
    """
    ...


check("what_language_models_do.normalized", normalized)

# %%
normal = yours("what_language_models_do.normalized", normalized)
say(normal("The Eiffel Tower."), "=", normal("eiffel tower"))

# %% [markdown]
# Exact match asks whether both are equal then.
# F1 gives a part for words in common, as above, and where there are several right answers the best one counts.


# %% tags=["exercise"]
def answer_f1(prediction: str, answers: list[str]) -> float:
    """SQuAD's F1 of an answer: that of the right answer which gives the largest one.

    prediction: the model's answer. answers: one or more right ones. All are normalized first,
    as in `normalized`: small letters, no punctuation, no articles. A word that is repeated
    counts as often as both answers have it. With n common words, F1 is 2 n / (words of both
    answers, added up). It is 1.0 where neither has a word, and 0.0 where one alone has none.

    >>> answer_f1("the Denver Broncos", ["Broncos", "Denver"])
    0.6666666666666666
    >>> answer_f1("an", ["a."])
    1.0
    """
    ...


check("what_language_models_do.answer_f1", answer_f1)

# %%
answer_f1_of = yours("what_language_models_do.answer_f1", answer_f1)
for said in (
    "the Eiffel Tower",
    "Eiffel",
    "It is the Eiffel Tower in Paris, which opened in 1889.",
):
    say(f"{answer_f1_of(said, ['Eiffel Tower']):.2f}: {said}")

# %% [markdown]
# The last answer is right, and a whole sentence; its words beyond the answer cost it most of its score.
#
# The questions here have a slip in them and its correction, as spoken questions do.

# %%
answering = TASKS["questions"]()
answerer = answering.system("model")
shown = draw(answering.items, 5, seed=1)
KINDS = ("hit", "miss", "extra")
for item, said in zip(shown, answerer([item.source for item in shown]), strict=True):
    found = marks("questions", said.value, item.right)
    counted = {kind: [one.text for one in found if one.kind == kind] for kind in KINDS}
    f1 = answer_f1_of(said.value, [item.right])
    say(f"{item.source.question} → {said.value} | right: {item.right} | F1 {f1:.2f} {counted}")

# %% [markdown]
# A hit is a word that both answers have, a miss a word of the right answer only, an extra one of the model's only.

# %%
table(scores_of("questions"))

# %% [markdown]
# The trivial rule answers with the first name in the passage.
# The simple one takes the sentence with the most words of the question, and from it the longest run of capitals and numbers that the question lacks.
# The model is SmolLM2, which sees two questions with their answers first and then this one.

# %%
ask("what_language_models_do.long_answer")

# %% [markdown]
# ## 7 · One model for all
#
# Translators, taggers and classifiers are separate models.
# SmolLM2 was trained for none of these tasks, and can be asked for all: the task is written into its prompt.
# Each task was asked for in three wordings.

# %%
for task in (classification, names):
    say(f"{task.title}, wording 0:")
    say(task.wordings[0])

# %%
sentence = Text("Tim Cook has led Apple since Steve Jobs died.")
for name, system in (("own model", tagger), ("prompt", prompted(names, 0))):
    labels = system([sentence])[0].value
    say(f"{name}: {' '.join(labels)}")


# %%
def by_prompt(task):
    """How the same model scores under three wordings, beside the task's own model."""
    found, (low, high) = results.scores(task), results.spread(task)
    in_hundredths = 1 if results.measure_of(task) in results.IN_POINTS else 100
    return {
        "task": results.TITLES[task],
        "trivial": found["trivial"],
        "own model": found["model"],
        "prompt, worst to best wording": f"{in_hundredths * low:.1f} to {in_hundredths * high:.1f}",
    }


table(by_prompt(task) for task in TASKS)

# %% [markdown]
# For summaries and questions the own model is SmolLM2 under its first wording: the course trains none for these tasks.
#
# Where a score is near zero under each wording, as in translation, no wording can move it far.
# And the wordings differ in more than words: for names and questions the first one has examples with their answers in it, and the two others have none; some are continued, and some are put as a user's turn of a chat.
# So the spread says how much a score depends on how one asks, and not which part of the prompt it depends on.
# Is it small?

# %%
claim(
    "what_language_models_do.wording_matters_little",
    "How a model is asked matters little: another wording of the prompt moves the score by five points at most.",
    said_by="this lesson",
    findings=[
        Finding(
            f"{results.TITLES[task]}, {results.measure_of(task)}, wording {number} minus wording 0",
            results.difference(task, f"prompt-{number}", "prompt-0"),
            "within",
            (-5.0, 5.0) if results.measure_of(task) in results.IN_POINTS else (-0.05, 0.05),
        )
        for task in TASKS
        for number in (1, 2)
    ],
)

# %% [markdown]
# Does each task's model beat its trivial rule?

# %%
claim(
    "what_language_models_do.models_beat_trivial_rules",
    "Language models carry out classification, named-entity recognition, translation, summarization and question answering: each scores above the trivial rule of its task.",
    said_by="the notes",
    findings=[
        Finding(
            f"{results.TITLES[task]}, {results.measure_of(task)}, model minus trivial rule",
            results.difference(task, "model", "trivial"),
            "above",
            0.0,
        )
        for task in TASKS
    ],
)

# %% [markdown]
# And its simple one, the rule that takes somebody an hour to write?

# %%
claim(
    "what_language_models_do.models_beat_simple_rules",
    "Each task's model scores above a simple rule without a language model.",
    said_by="this lesson",
    findings=[
        Finding(
            f"{results.TITLES[task]}, {results.measure_of(task)}, model minus simple rule",
            results.difference(task, "model", "simple"),
            "above",
            0.0,
        )
        for task in TASKS
    ],
)

# %%
claim(
    "what_language_models_do.one_model_for_all",
    "One language model, asked by a prompt, does as well as models that were trained for the task.",
    said_by="a common saying",
    findings=[
        Finding(
            f"{results.TITLES[task]}, {results.measure_of(task)}, prompt minus the task's model",
            results.difference(task, "prompt-0", "model"),
            "above",
            bound,
        )
        for task, bound in (("classification", -0.02), ("names", -0.02), ("translation", -2.0))
    ],
)

# %% [markdown]
# "As well" means here: at most two points behind.
# Of what the model could do with other prompts, with examples of its own for each task, or after training for it, lessons 12 and 13 tell more.
# A larger model was not tried: none fits on this machine.
#
# ## 8 · Three families
#
# The models of this lesson belong to three families.
# An encoder reads a text that is given, and computes numbers for each of its tokens; a decoder writes a text, one token after the other.
# A position is the place of a token in its text.
#
# - **BERT** (Google, 2018): an encoder. Every position reads the whole text, before and after it. It was trained to fill in hidden words, and is used where a text is given and something is to be said of it: classification, named entities. MiniLM is a small one (lesson 08).
# - **GPT** (OpenAI, 2018): a decoder. A position reads what is before it, and nothing else, so that the model can go on writing. SmolLM2 is of this family (lesson 07).
# - **Transformer** (Google, 2017): an encoder that reads the source, and a decoder that writes the output and looks at the source at each step. The translator is one (lesson 06). BERT and GPT are its two halves.
#
# The picture is drawn from the loaded models.
# Its small grids were measured: a token was changed, and each position whose output moved has seen it.

# %%
families_figure()

# %%
ask("what_language_models_do.which_family")

# %% [markdown]
# ## 9 · What is large?
#
# SmolLM2 has 135 million parameters.
# The picture has it among the models of this course and some that others published; each step of the axis is a factor of ten.

# %%
sizes_figure()

# %% [markdown]
# The published numbers are their authors' own; the file `course/viz/what_language_models_do/sizes.toml` says where each stands.
# Some models have a ring: they are divided into parts of which a token uses only some.
#
# There is no number at which a language model becomes a large one.
# What grows with size can be measured, and lesson 09 does: the loss falls, slowly and regularly.
#
# ## 10 · Your own text
#
# Type a text, and all five tasks are carried out at once.
# Beside each confidence is a mark for the trivial rule.
# Unfold a task and type the right answer, and you see which words its measure counts as hit, missed or extra.

# %%
five_tasks = FiveTasks()
five_tasks

# %% [markdown]
# Things to try: a review that says the opposite of what its words say; your own name in a sentence; a question whose answer is not in the text; the notes' Korean sentence.

# %%
ask("what_language_models_do.confidence")

# %% [markdown]
# ## What did not hold
#
# - The notes' example of a name did not come out as the notes have it: this tagger, which has learned from sports news, takes Apple for a place.
# - That a trained model beats a simple rule could not be told for every task: the card on simple rules says where.
# - One model for all, under these prompts, was behind the models trained for a task: the card on one model for all says by how much.
#
# The first wording for questions took the place of one that had not scored above the trivial rule beyond doubt on a first test set.
# It was chosen on forty other questions, and the test was then drawn again, from questions on which nothing had been tried.
# The tagger could not be given new reports: its features, capitals among them, were chosen on the same 15, and its score may be too good for that reason.
#
# One model of one size was asked, and 100 or 200 items of one kind of text for each task: nothing here says what a larger model would have done.
#
# ## What to remember
#
# - The notes' five tasks: a label for a text, names in it, the same in another language, in fewer words, the answer to a question.
# - Each has its own measure, and none of these measures reads: they count labels, names, words, characters.
# - A score means little without a baseline beside it, and not every model here can be told from a simple rule.
# - One model can be asked for all five, and how it is asked can move its score.
# - BERT reads both sides, GPT what is before, the Transformer a source and what is before.
#
# **Read on**: Tjong Kim Sang and De Meulder 2003 on named entities; Papineni et al. 2002 on BLEU; Popović 2015 on chrF; Lin 2004 on ROUGE; Rajpurkar et al. 2016 (section 6.1) on exact match and F1.
# In the code: `course/tasks/language_tasks/`, `course/evaluation/`.
#
# **Next**: lesson 02, *Tokenization*.

# %%
progress.table()
