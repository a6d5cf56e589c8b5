"""Which expressions of Python are names or literal values, and why another value is refused. Nothing is ever run."""

import ast
import math

from course.messages import _


def dotted_name(node: ast.expr) -> str | None:
    """The name that an expression is, as in `math.gcd`; None where it is something else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def why_no_literal(node: ast.expr) -> str | None:
    """Why this part of an argument is no literal value; None where it is one."""
    match node:
        case ast.Constant(value=float(number)) if not math.isfinite(number):
            return _("The number is too large.")
        case ast.Constant(value=str() | int() | float() | None) | ast.List() | ast.Tuple():
            return None
        case ast.Dict(keys=keys):
            plain = all(isinstance(key, ast.Constant) for key in keys)
            return None if plain else _("The keys of a dictionary are texts or numbers.")
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant(value=int() | float() as number)):
            return None if not isinstance(number, bool) else _("A sign stands before a number only.")
        case ast.Name(id=name):
            return _("{name} is a bare name, not a value: write a text in quotes, and True, False or None.").format(
                name=name
            )
        case ast.Call():
            return _("A value is not computed by a call.")
        case ast.BinOp() | ast.UnaryOp() | ast.BoolOp() | ast.Compare() | ast.IfExp():
            return _("A value is written out, not computed.")
        case ast.Attribute() | ast.Subscript():
            return _("A value is not looked up in an object.")
        case ast.JoinedStr():
            return _("A text is written out: an f-string is computed.")
        case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp() | ast.NamedExpr():
            return _("A value holds no code.")
    return _("A value is a number, a text, True, False, None, or a list, a tuple or a dictionary of these.")
