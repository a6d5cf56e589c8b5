"""A claim is a cell: a sentence that can be false, the numbers that test it, and a verdict computed from them."""

from course.claims.claim import MIME, SYMBOLS, Claim, Finding, Outcome, Verdict, claim

__all__ = ["MIME", "SYMBOLS", "Claim", "Finding", "Outcome", "Verdict", "claim"]
