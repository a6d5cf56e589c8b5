"""The differences between our Unicode tables and the older ones of the reference tokenizers.

`regex`, pinned in requirements.txt, implements Unicode 18. In the `tokenizers` library the regular expressions
(Oniguruma) implement Unicode 16, the digit splitter (Rust) 17, and the parts for BERT use a table of Unicode 8. A
character added in between is a letter to one and an unknown sign to the other, so the text around it is split
differently. The tables below list all code points where they differ; with them our ids are the same on any text. The
tests compare every code point of Unicode (for BERT, one in 64 of the unassigned and private-use planes).
"""


def _characters(ranges: str) -> frozenset[str]:
    """The characters of ranges such as `088F 209D-209F`."""
    numbers = [[int(end, 16) for end in part.split("-")] for part in ranges.split()]
    return frozenset(chr(code) for ends in numbers for code in range(ends[0], ends[-1] + 1))


# Letters (L) and numbers (N) that Oniguruma treats as signs.
NEWER_LETTERS = _characters("""
    0558 058B-058C 088F 0C5C 0CDC 208F 209D-209F A7CE-A7CF A7D2 A7D4 A7DD A7E2 A7F1 AB6C-AB6D 107BB-107BF 10940-10959
    10EC5-10EC7 10ED9-10EEE 11B0A 11DB0-11DDB 11DF1 16EA0-16EB8 16EBB-16ED3 16FF2-16FF3 187F8-187FF 18CD6-18CDA
    18D09-18D20 18D80-18DF2 18E00-19191 191A0-191D2 1B123-1B128 1B168 1D6A6 1DF1F-1DF24 1DF2B-1DF81 1DF90-1DF96
    1DFCD-1DFFF 1E6C0-1E6DE 1E6E0-1E6E2 1E6E4-1E6E5 1E6E7-1E6ED 1E6F0-1E6F4 1E6FE-1E6FF 2B73A-2B73F 2B81E 2CEA2-2CEAD
    323B0-33479 3D000-3FC3F
""")
NEWER_NUMBERS = _characters("1246F 12475-1247F 12550-12686")
# Numbers to the `Digits` splitter of `tokenizers` (Unicode 17), signs to its Oniguruma.
NEWER_DIGITS = _characters("11DE0-11DE9 16FF4-16FF6")

# Format characters (Cf) unknown to BERT's normalizer, and punctuation (P) unknown to its pre-tokenizer.
BERT_NEWER_FORMATS = _characters("0890-0891 08E2 110CD 13430-1343F")
BERT_NEWER_PUNCTUATION = _characters("""
    061D 09FD 0A76 0C77 0C84 1B4E-1B4F 1B7D-1B7F 2E43-2E4F 2E52-2E5D 2E60-2E63 10D6E 10EAD 10ED0 10F55-10F59
    10F86-10F89 113D4-113D5 113D7-113D8 1144B-1144F 1145A-1145B 1145D 11660-1166C 116B9 1183B 11944-11946 119E2
    11A3F-11A46 11A9A-11A9C 11A9E-11AA2 11B00-11B09 11BE1 11C41-11C45 11C70-11C71 11EF7-11EF8 11F43-11F4F 11FFF
    12FF1-12FF2 16D6D-16D6F 16E97-16E9A 16FE2 1E5FF 1E95E-1E95F
""")
BERT_FORMER_PUNCTUATION = _characters("166D 111C9")  # these have a different class today
# Marks above and below letters (Mn) that BERT's normalizer keeps, and two it strips that have a different class today.
BERT_NEWER_MARKS = _characters("""
    05C8-05C9 07FD 0897-089F 08CA-08E1 09FE 0AFA-0AFF 0B53-0B55 0C04 0C3C 0D00 0D3B-0D3C 0D81 0EBA 0ECE 180F 1885-1886
    1ABF-1AF0 1DF6-1DFB A82C A8C5 A8FF A9BD 10D24-10D27 10D69-10D6D 10EAB-10EAC 10ECB-10ECF 10EF0-10EFF 10F46-10F50
    10F82-10F85 11070 11073-11074 110C2 111C9 111CF 1123E 11241 1133B 113BB-113C0 113CE 113D0 113D2 113E1-113E2
    11438-1143F 11442-11444 11446 1145E 1182F-11837 11839-1183A 1193B-1193C 1193E 11943 119D4-119D7 119DA-119DB 119E0
    11A01-11A0A 11A33-11A38 11A3B-11A3E 11A47 11A51-11A56 11A59-11A5B 11A8A-11A96 11A98-11A99 11B60 11B62-11B64 11B66
    11C30-11C36 11C38-11C3D 11C3F 11C92-11CA7 11CAA-11CB0 11CB2-11CB3 11CB5-11CB6 11D31-11D36 11D3A 11D3C-11D3D
    11D3F-11D45 11D47 11D90-11D91 11D95 11D97 11DF0 11EF3-11EF4 11F00-11F01 11F36-11F3A 11F40 11F42 11F5A 13440
    13447-13455 1611E-16129 1612D-1612F 16F4F 16FE4 1CF00-1CF2D 1CF30-1CF46 1D127-1D128 1D25B-1D25C 1E000-1E006
    1E008-1E018 1E01B-1E021 1E023-1E024 1E026-1E02A 1E08F 1E130-1E136 1E2AE 1E2EC-1E2EF 1E4EC-1E4EF 1E5EE-1E5EF 1E6E3
    1E6E6 1E6EE-1E6EF 1E6F5 1E944-1E94A
""")
BERT_FORMER_MARKS = _characters("1734 1171E")
