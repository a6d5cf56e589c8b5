"""The numbers of the part that one looks at, as a table: for screen readers, and for whoever wants to check them."""

from course.messages import _
from course.viz.attention.figures import NumberTable
from course.viz.gpt.parts import PAIRS, PARTS, Look, short
from course.viz.gpt.unfolded import pair_numbers
from course.viz.kit.text import number, percent

FIRST = 4  # numbers of each token's vector that the table has
NEXT_TOKENS = 20


def part_table(look: Look, part: str) -> NumberTable:
    """The table of a part; with none opened, that of the residual stream."""
    if part == "tokens":
        rows = [(token, [str(place), f"{look.whole.ids[place]:,}"]) for place, token in enumerate(look.tokens)]
        return NumberTable(_("Tokens"), [_("place"), _("id")], rows)
    if part in ("logits", "chances"):
        best = look.best(NEXT_TOKENS)
        rows = [(token, [f"{i:,}", number(logit), percent(chance, 2)]) for token, i, logit, chance in best]
        caption = _("The {count} most probable tokens after {token}").format(
            count=len(rows), token=look.named(look.token)
        )
        return NumberTable(caption, [_("id"), _("logit"), _("probability")], rows)
    if part in PAIRS:
        rows = [(look.named(key), list(pair_numbers(look, key))) for key in range(look.n)]
        caption = _("{token} and every key, head {head} of block {block}").format(
            token=look.named(look.token), head=look.head, block=look.block
        )
        return NumberTable(caption, ["q · k", _("score"), _("weight")], rows)
    if part in look.vectors:
        values = look.vectors[part]
        first = [f"x{place}" for place in range(min(FIRST, values.shape[1]))]
        rows = [
            (token, [short(look.length(part, place)), *(number(x, 3) for x in values[place, :FIRST].tolist())])
            for place, token in enumerate(look.tokens)
        ]
        caption = _("{part}: length and the first of {count} numbers").format(
            part=PARTS[part].name, count=f"{values.shape[1]:,}"
        )
        return NumberTable(caption, [_("length"), *first], rows)
    lengths = look.stream_lengths[:, look.token].tolist()
    rows = [(_("embedding"), ["–", short(lengths[0])])]
    rows += [
        (_("block {block}").format(block=block), [short(lengths[2 * block + 1]), short(lengths[2 * block + 2])])
        for block in range(look.whole.n_blocks)
    ]
    caption = _("Length of the residual stream of {token}, after each sublayer").format(token=look.named(look.token))
    return NumberTable(caption, [_("attention"), _("feed-forward")], rows)
