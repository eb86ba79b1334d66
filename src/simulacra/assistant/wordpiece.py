"""Words to the pieces that a sentence model knows: WordPiece, uncased."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path


class WordPiece:
    """Text to numbers of pieces, as BERT's uncased models were taught.

    Args:
        pieces: all pieces in order; a piece's place is its number. One that goes on within a word begins with ``##``.
        longest: the most pieces of a text, its two marks among them; what is beyond is cut off.

    References:
        Google's Neural Machine Translation System: Bridging the Gap between Human and Machine Translation
        (Wu et al., 2016), arXiv:1609.08144
    """

    def __init__(self, pieces: list[str], longest: int = 256) -> None:
        self.number = {piece: i for i, piece in enumerate(pieces)}
        self.longest = longest
        self.first, self.last, self.unknown = (self.number[mark] for mark in ("[CLS]", "[SEP]", "[UNK]"))
        self._word = lru_cache(maxsize=100_000)(self._pieces)

    @classmethod
    def read(cls, path: Path, longest: int = 256) -> WordPiece:
        """From a vocabulary file, a piece a line."""
        return cls(path.read_text(encoding="utf-8").split("\n")[:-1], longest)

    def __call__(self, text: str) -> list[int]:
        """Numbers of the pieces of a text, between the marks of beginning and end.

        >>> toy = WordPiece(["[CLS]", "[SEP]", "[UNK]", "spin", "##s", "."])
        >>> toy("Spins. Spin")
        [0, 3, 4, 5, 3, 1]
        """
        found = [self.first]
        for word in split(text):
            found.extend(self._word(word))
            if len(found) >= self.longest:
                break
        return [*found[: self.longest - 1], self.last]

    def _pieces(self, word: str) -> tuple[int, ...]:
        """The longest piece that fits, again and again; a word that no pieces make is unknown."""
        if len(word) > 100:
            return (self.unknown,)
        found, at = [], 0
        while at < len(word):
            for end in range(len(word), at, -1):
                piece = self.number.get(("##" if at else "") + word[at:end])
                if piece is not None:
                    break
            else:
                return (self.unknown,)
            found.append(piece)
            at = end
        return tuple(found)


def split(text: str) -> list[str]:
    """Words in lower case without accents, each sign of punctuation and each Chinese character by itself."""
    spaced = []
    for sign in text if text.isascii() else unicodedata.normalize("NFD", text.lower()):
        kind = _kind(sign)
        if kind == "letter":
            spaced.append(sign)
        elif kind == "alone":
            spaced.append(f" {sign} ")
        elif kind == "space":
            spaced.append(" ")
    return "".join(spaced).lower().split()


@lru_cache(maxsize=4096)
def _kind(sign: str) -> str:
    """What a sign is to the splitter: a letter, alone, a space, or nothing."""
    code, category = ord(sign), unicodedata.category(sign)
    if sign in "\t\n\r" or category == "Zs":
        return "space"
    if code in (0, 0xFFFD) or category in ("Cc", "Cf", "Co", "Cs", "Mn"):
        return "nothing"
    ascii_mark = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
    chinese = (
        0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x2FA1F
    )
    return "alone" if ascii_mark or chinese or category.startswith("P") else "letter"
