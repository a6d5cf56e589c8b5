"""Tables of numbers for the widgets, in the page's own colors. All text is escaped here."""

from html import escape

from course.viz.attention.figures import NumberTable


def number_table(table: NumberTable) -> str:
    """A table of labelled rows under column names. A line separates the last row, which is what comes out."""
    caption, columns, rows = table
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    lines = []
    for number, (label, cells) in enumerate(rows, 1):
        total = ' class="lm-total"' if number == len(rows) > 1 else ""
        texts = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        lines.append(f'<tr{total}><th scope="row">{escape(label)}</th>{texts}</tr>')
    body = f"<thead><tr><th></th>{head}</tr></thead><tbody>{''.join(lines)}</tbody>"
    return f'<table class="lm-bars lm-numbers"><caption>{escape(caption)}</caption>{body}</table>'
