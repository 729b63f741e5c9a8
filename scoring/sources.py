"""Where each number of the delivery comes from: how it is made, by whom, and how to read it.

Data only, by the names of the fields of `scoring.model.Delivery`. docs/delivery.md says the same
at length, and a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """`usual` is empty where no range is known that holds for an interview."""

    how: str
    reference: str
    """A paper, or "our convention"."""
    usual: str = ""
    caveat: str = ""


_OURS = "our convention"
_CLARK = 'Clark & Fox Tree, "Using uh and um in spontaneous speaking", Cognition 84 (2002)'
_BORTFELD = 'Bortfeld et al., "Disfluency rates in conversation", Language and Speech 44 (2001)'
_DE_JONG_BOSKER = 'De Jong & Bosker, "Choosing a threshold for silent pauses", DiSS (2013)'
_DE_JONG = 'De Jong, "Predicting pauses in L1 and L2 speech", IRAL 54 (2016)'
_ROLE = "Rates differ by person, topic and first language; a low one is no virtue in itself."

SOURCES: dict[str, Source] = {
    "filler_total": Source(
        how="Sounds, and words where they stand for nothing, in all spoken answers.",
        reference=_CLARK,
        caveat="A recogniser that leaves fillers out cannot count them.",
    ),
    "fillers_per_minute": Source(
        how="Fillers over the minutes you spoke, from 10 s of speech on.",
        reference=_CLARK,
        caveat=_ROLE,
    ),
    "fillers_per_100_words": Source(
        how="Fillers to 100 other words, from 10 s of speech on.",
        reference=_BORTFELD,
        usual="2 to 3 in conversation, of sounds alone",
        caveat="Filler words besides the sounds make it more.",
    ),
    "pace_wpm": Source(
        how="Words over time, pauses in it, of answers of 10 s or more; fillers left out.",
        reference='Tauroza & Allison, "Speech rates in British English", Applied Linguistics 11 '
        "(1990)",
        usual="160 to 210 words/min in interviews",
        caveat="Slower is usual in a second language and with a hard question.",
    ),
    "articulation_rate": Source(
        how="Syllables over the time you spoke, pauses of 250 ms or more taken out.",
        reference='De Jong & Wempe, "Praat script to detect syllable nuclei", Behavior Research '
        "Methods 41 (2009)",
        usual="4 to 6 syllables/s",
        caveat="Syllables are told by spelling: right for about nine words in ten.",
    ),
    "speaking_time_s": Source(
        how="From the first word of each answer to its last, pauses in it.", reference=_OURS
    ),
    "pauses": Source(
        how="Silences of 250 ms or more between two words of one answer.",
        reference=_DE_JONG_BOSKER,
        caveat="More of them in longer answers.",
    ),
    "pauses_inside_clauses": Source(
        how="Pauses before a word that goes on with its clause.",
        reference=_DE_JONG,
        caveat="Where a clause ends is told by marks and small words: a good guess.",
    ),
    "pauses_at_boundaries": Source(
        how="Pauses at a comma or full stop, or before a word that opens a clause.",
        reference=_DE_JONG,
        caveat="Where a clause ends is told by marks and small words: a good guess.",
    ),
    "long_pauses": Source(
        how="Pauses of 2 s or more.", reference=_OURS, caveat="Thinking is allowed."
    ),
    "longest_pause_s": Source(how="The longest silence inside an answer.", reference=_OURS),
    "pause_ratio": Source(
        how="Time in pauses of 250 ms or more over the time from first word to last.",
        reference='Goldman-Eisler, "Psycholinguistics: experiments in spontaneous speech" (1968)',
        caveat="It moves with the difficulty of what is said more than with the person.",
    ),
    "talk_share": Source(
        how="Your speaking time over that of both voices.",
        reference=_OURS,
        usual="well over half in an interview",
        caveat="Typed answers are in neither.",
    ),
    "response_time_s": Source(
        how="Median time from the end of a question to the first word after it.",
        reference='Stivers et al., "Universals and cultural variation in turn-taking", PNAS 106 '
        "(2009)",
        usual="0.2 s in conversation, seconds before a hard question",
        caveat="The connection is in it.",
    ),
    "hedges_per_100_words": Source(
        how='"I think", "probably", "sort of" and the like to 100 words, where they hold back.',
        reference='Prince, Frader & Bosk, "On hedging in physician-physician discourse" (1982); '
        'Hyland, "Hedging in scientific research articles" (1998)',
        caveat="To hedge what is not certain is right. Modal verbs are not counted.",
    ),
    "repetitions_per_100_words": Source(
        how='A word or phrase said again at once ("the the"), to 100 words.',
        reference=_BORTFELD,
        usual="1 to 2 in conversation",
        caveat="A recogniser that tidies speech hides them.",
    ),
    "self_repairs_per_100_words": Source(
        how='Corrections with an editing phrase ("no wait", "I mean Redis"), to 100 words.',
        reference='Levelt, "Monitoring and self-repair in speech", Cognition 14 (1983)',
        caveat="Restarts without such a phrase are not found. To correct oneself is good.",
    ),
}
