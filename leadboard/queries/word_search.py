"""Finding records and entries by whole words and their beginnings, through the word index beside each table (`note_words` …)."""

from collections.abc import Sequence

from leadboard.db import Where, is_sqlite
from leadboard.lib.searchwords import is_single_character, phrase_of


def words_sql(fragments: Sequence[str]) -> Where | None:
    """The condition that the words of the index `w` have all fragments, the last word of each as a beginning."""
    phrases = [phrase for one_fragment in fragments if (phrase := phrase_of(one_fragment))]
    # One letter begins too many words; one Chinese character is a word.
    phrases = [phrase for phrase in phrases if len(phrase) > 1 or len(phrase[0]) > 1 or is_single_character(phrase[0])]
    if not phrases:
        return None
    if is_sqlite():
        return "w.words match ?", [" AND ".join(f'"{" ".join(phrase)}"{_star(phrase)}' for phrase in phrases)]
    lexemes = " & ".join(
        _lexeme(word, is_last=number == len(phrase) - 1) for phrase in phrases for number, word in enumerate(phrase)
    )
    sql, params = "array_to_tsvector(string_to_array(w.words, ' ')) @@ cast(? as tsquery)", [lexemes]
    for phrase in phrases:
        if len(phrase) > 1:
            sql, params = f"{sql} and position(? in ' ' || w.words) > 0", [*params, f" {' '.join(phrase)}"]
    return sql, params


def _star(phrase: Sequence[str]) -> str:
    return "" if is_single_character(phrase[-1][0]) else " *"


def _lexeme(word: str, *, is_last: bool) -> str:
    quoted = "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
    return f"{quoted}:*" if is_last and not is_single_character(word[0]) else quoted
