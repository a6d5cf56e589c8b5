"""A catalog with every kind of parameter, and a model of bytes with a few merges, for tests that need no data."""

from course.tokenization import ByteLevelBPE
from course.tools import Catalog, Function, Parameter

AREA = Function(
    "area",
    "The area of a triangle.",
    (
        Parameter("unit", "string", "In which unit.", required=False, enum=("cm", "km"), default="cm"),
        Parameter("base", "integer", "How long it is."),
        Parameter("height", "float", "How high it is."),
    ),
)
FIND = Function(
    "web.find",
    "Look for a picture.",
    (
        Parameter("words", "array", "What it shows.", items=Parameter("items", "string")),
        Parameter("limit", "integer", "How many.", required=False, default=None),
        Parameter("still", "boolean", "Whether it must not move.", required=False),
        Parameter("at", "tuple", "Where.", required=False, items=Parameter("items", "float")),
        Parameter(
            "size",
            "dict",
            "How large.",
            required=False,
            properties=(Parameter("width", "integer"), Parameter("note", "string", required=False)),
        ),
        Parameter("more", "dict", "What else.", required=False),
        Parameter("any", "any", "Anything.", required=False),
    ),
)
AREAS = Function("areas", "All areas.")  # its name begins with another one's
CATALOG = Catalog([AREA, FIND, AREAS])

CALLS = [  # of every kind of value, as the grammar writes them
    "area(base=1, height=2.5)",
    "area(height=-0,base=10, unit='km')",
    'area(unit="cm", base=0, height=0.125)',
    "areas()",
    "web.find(words=[])",
    "web.find(words=['cats', \"dan'cing\", 'a\\'b\\\\'], limit=3, still=True)",
    "web.find(at=[1, -2.5], words=['안녕 é'], limit=None)",
    "web.find(words=['a'], size={'width': 3, \"note\":'x'}, more={'a': 1e-09, 'b':[None, 'c']})",
    "web.find(words=['a'], more={}, any=-1.5)",
    "web.find(words=['a'], any='x')",
    "web.find(words=['a'], any=[False, 2.5e+3])",
]


def small_tokenizer() -> ByteLevelBPE:
    text = " ".join(CALLS) * 3 + " \", \" ', ' ]) )) \"] 안녕 é = =\" =[ km cm width: 'width': "
    return ByteLevelBPE.train(text, n_merges=150, special_tokens=["<|end|>"])
