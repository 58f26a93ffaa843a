"""Makes the goldens of word pieces. Run from the repository's root: scripts/goldens.sh text.

Needs PyPI `tokenizers`, the reference implementation; MOTET_PYTHON names an interpreter that has it.
`wordpiece.json` holds a small vocabulary made here and, for each setting and text, the reference's pieces.
"""

import json
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

HERE = Path(__file__).parent
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
WORDS = [
    "the", "great", "camera", "batter", "##y", "##ies", "un", "##believ", "##able", "##s", "##ing",
    "red", "heart", "light", "t", "-", "##-", "!", ".", ",", "'", "\"", "#", "##", "@", "$", "\u20ac", "%",
    "&", "(", ")", "[", "]", "*", "/", ":", ";", "<", "=", ">", "?", "\\", "^", "_", "`", "{", "|", "}",
    "~", "\u2014", "\u2019", "\u201c", "\u201d", "\u00bf", "\u00e9", "\u00df", "##\u00df", "\u00f8",
    "\u4e2d", "\u6587", "\u304b", "##\u3099", "\u30ab", "\u1112", "##\u1161", "##\u11ab", "\u0434", "##\u043e",
    "##\u043c", "\u05e9", "##\u05dc", "\u0e01", "##\u0e33", "\U0001f600", "##\U0001f600", "\ufb01", "\u00b2",
    "e\u0301", "\u03c3", "##\u03c3", "##\u03c2", "\u0131", "i\u0307", "Camera", "CAMERA", "\u00c9",
]
TEXTS = [
    "", " ", "\t\n\r ", "The great camera!", "unbelievable batteries", "CAMERA's light-red heart",
    "don't", "a.b,c;d", "$5.99 / 10%", "##ing", "##", "#hash @home", "\u00c9\u00c8\u00ca cafe\u0301 caf\u00e9",
    "na\u00efve fa\u00e7ade", "stra\u00dfe STRASSE", "\u00d8re", "\u4e2d\u6587 camera\u4e2dlight", "\u304c\u30ac",
    "\ud55c\uae00", "\u0434\u043e\u043c \u0414\u041e\u041c", "\u05e9\u05dc\u05d5\u05dd", "\u0e01\u0e33",
    "\U0001f600\U0001f600 the \U0001f468\u200d\U0001f469\u200d\U0001f467", "\ufb01re \ufb03", "x\u00b2", "soft\u00adhyphen",
    "zero\u200bwidth\ufeff", "null\x00byte\ufffd", "bell\x07 esc\x1b \x1c \x7f", "no\u00a0break\u2003em\u3000ideographic",
    "line\u2028paragraph\u2029next\u0085", "\u201cquoted\u201d \u2014 dash\u2019s", "\u00bfque?", "\u0130stanbul \u0131",
    "\u03a3\u0391\u03a3 \u03c3\u03b1\u03c2", "a" * 100, "a" * 101, "\u00e9" * 101, "the [SEP] great [MASK][CLS]", "[sep] [UNK",
    "[[SEP]]", "xyz\u00e9\u0327\u0301", "\U0002b820\U0002b920\u3400\U0002f800", "\u166d\U000111c9\u2e43", "\u1734\u1885\ua9bd",
    "\u0378 \U000e0001 \ue000", "\u20ac9,99 \u00a3 \u00a5", "100\u00b0C", "a\u0300\u0301b", "\u0344", "\u1e9e\ufb05",
    "emoji\u2764\ufe0f", "C++ C# .NET", "e-mail: a_b@c.d", "\u2460\u2168", "3\u00d74 \u00f7", "\r\nwindows\r\n", "\u3002\uff01\uff21",
]
SETTINGS = {
    "uncased": {"lowercase": True, "strip_accents": None, "handle_chinese_chars": True},
    "cased": {"lowercase": False, "strip_accents": None, "handle_chinese_chars": True},
    "accents": {"lowercase": True, "strip_accents": False, "handle_chinese_chars": False},
}


def main():
    """Writes the vocabulary and the pieces of every text."""
    pieces = SPECIALS + list(dict.fromkeys([*LETTERS, *("##" + c for c in LETTERS), *WORDS]))
    cases = []
    for name, setting in SETTINGS.items():
        model = WordPiece(
            {piece: number for number, piece in enumerate(pieces)},
            unk_token="[UNK]", max_input_chars_per_word=100,
        )
        reference = Tokenizer(model)
        reference.normalizer = BertNormalizer(clean_text=True, **setting)
        reference.pre_tokenizer = BertPreTokenizer()
        reference.add_special_tokens(SPECIALS)
        for text in TEXTS:
            cases.append({"settings": name, "text": text, "pieces": reference.encode(text).tokens})
    made = {
        "generator": "scripts/goldens.sh text",
        "versions": f"tokenizers {tokenizers.__version__}",
        "pieces": pieces,
        "cases": cases,
    }
    with open(HERE / "wordpiece.json", "w") as file:
        json.dump(made, file, indent=0, ensure_ascii=True)
        file.write("\n")
    print(f"wordpiece.json: {len(cases)} cases")


main()
