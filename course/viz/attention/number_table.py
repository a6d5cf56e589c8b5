"""Tables of numbers for the widgets, in the page's own colors. All text is escaped here."""

from html import escape

from course.viz.attention.figures import NumberTable


def number_table(table: NumberTable, *, total: bool = True) -> str:
    """A table of labelled rows under column names. With `total`, a line separates the last row: what comes out."""
    caption, columns, rows = table
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    lines = []
    for number, (label, cells) in enumerate(rows, 1):
        apart = ' class="lm-total"' if total and number == len(rows) > 1 else ""
        texts = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        lines.append(f'<tr{apart}><th scope="row">{escape(label)}</th>{texts}</tr>')
    body = f"<thead><tr><th></th>{head}</tr></thead><tbody>{''.join(lines)}</tbody>"
    return f'<table class="lm-bars lm-numbers"><caption>{escape(caption)}</caption>{body}</table>'
